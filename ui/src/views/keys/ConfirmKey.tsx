import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useChange } from "../../api/hooks";
import { useNotices } from "../../app/notices";
import { FormModal } from "../../parts/FormModal";
import { keyName, type VirtualKey } from "./key";
import type { Made } from "./Secret";

export const ACTS = ["block", "unblock", "regenerate", "delete"] as const;
export type Act = (typeof ACTS)[number];

type Props = { act: Act; of: VirtualKey; onDismiss: () => void; onDone: (answer: Made) => void };

const TEXTS: Record<Act, { verb: string; done: string; about: string }> = {
  block: {
    verb: "Block",
    done: "blocked",
    about: "Whoever calls with it is refused within seconds, until it is unblocked.",
  },
  unblock: { verb: "Unblock", done: "unblocked", about: "Whoever has it is let in again." },
  regenerate: {
    verb: "Regenerate",
    done: "given another secret",
    about: "It gets another secret, which is shown once. Its id, limits and usage stay.",
  },
  delete: {
    verb: "Delete",
    done: "deleted",
    about: "Nobody is let in with it any more, and that cannot be undone. Its usage stays in the ledger.",
  },
};
const GRACE = [
  { value: "", label: "Ends at once" },
  { value: "1h", label: "Stays good for an hour" },
  { value: "1d", label: "Stays good for a day" },
  { value: "7d", label: "Stays good for a week" },
];

/** Ask once more, and do it. */
export function ConfirmKey({ act, of, onDismiss, onDone }: Props) {
  const change = useChange<object, Made>(`/key/${act}`, {
    forget: true,
    leaves: act === "delete",
  });
  const notices = useNotices();
  const [grace, setGrace] = useState("");
  const { verb, done, about } = TEXTS[act];
  const named = act === "delete" ? { keys: [of.token] } : { key: of.token };
  const body = act === "regenerate" && grace ? { ...named, grace_period: grace } : named;

  function confirm(): void {
    change.mutate(body, {
      onSuccess: (answer) => {
        notices.tell("success", `The key ${keyName(of)} was ${done}.`);
        onDone(answer);
      },
    });
  }

  return (
    <FormModal
      title={`${verb} the key ${keyName(of)}?`}
      submitText={verb}
      busy={change.isPending}
      error={change.error}
      onSubmit={confirm}
      onDismiss={onDismiss}
    >
      <Box>{about}</Box>
      {act === "regenerate" && (
        <FormField label="The secret that there is now" errorText={change.error?.fields.get("grace_period")}>
          <Select
            selectedOption={GRACE.find((one) => one.value === grace) ?? null}
            options={GRACE}
            onChange={({ detail }) => setGrace(detail.selectedOption.value ?? "")}
            expandToViewport
          />
        </FormField>
      )}
    </FormModal>
  );
}
