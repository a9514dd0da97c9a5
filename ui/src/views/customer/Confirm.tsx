import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useChange } from "../../api/hooks";
import { follow } from "../../app/follow";
import { useNotices } from "../../app/notices";
import { linkTo } from "../../app/url";
import { FormModal } from "../../parts/FormModal";
import { shortened } from "../../values/ids";

export type Question = "block" | "unblock" | "reset" | "delete";
type Asked = { path: string; title: string; text: string; submit: string; done: string; one?: boolean };

const QUESTIONS: Record<Question, Asked> = {
  block: {
    path: "/customer/block",
    title: "Block this customer?",
    text: "Its next calls are refused with 403. Calls under way are finished and counted.",
    submit: "Block",
    done: "Blocked.",
  },
  unblock: {
    path: "/customer/unblock",
    title: "Unblock this customer?",
    text: "Its next calls are let in again, within its limits.",
    submit: "Unblock",
    done: "Unblocked.",
  },
  reset: {
    path: "/customer/reset_spend",
    title: "Reset what this customer has spent?",
    text: "Its spend, and what it used of every budget, begin anew. What is held stays held, and the ledger keeps every call.",
    submit: "Reset spend",
    done: "Its spend begins anew.",
    one: true,
  },
  delete: {
    path: "/customer/delete",
    title: "Delete this customer?",
    text: "Its limits and alias are gone, and it is unblocked. Its calls stay in the ledger and in every sum.",
    submit: "Delete",
    done: "Deleted.",
  },
};
const WORD = "delete";

/** Ask whether something is really to be done to a customer, and do it. */
export function Confirm({ question, id, onClose }: { question: Question; id: string; onClose: () => void }) {
  const { path, title, text, submit, done, one } = QUESTIONS[question];
  const [typed, setTyped] = useState("");
  const notices = useNotices();
  const change = useChange<unknown>(path, { leaves: question === "delete" });
  const sure = question !== "delete" || typed.trim().toLowerCase() === WORD;

  function act(): void {
    const body = one ? { user_id: id } : { user_ids: [id] };
    change.mutate(body, {
      onSuccess: () => {
        notices.tell("success", `${shortened(id)}: ${done}`);
        onClose();
        if (question === "delete") follow(linkTo("customers"));
      },
    });
  }

  return (
    <FormModal
      title={title}
      submitText={submit}
      onSubmit={act}
      onDismiss={onClose}
      busy={change.isPending}
      error={change.error}
      disabled={!sure}
    >
      <Box fontWeight="bold">
        <span className="customer-name">{shortened(id, 80)}</span>
      </Box>
      <Box>{text}</Box>
      {question === "delete" && (
        <FormField label={`Type “${WORD}” to go on`}>
          <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} autoComplete={false} />
        </FormField>
      )}
    </FormModal>
  );
}
