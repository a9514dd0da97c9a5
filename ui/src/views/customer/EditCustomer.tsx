import { useState } from "react";
import type { CustomerInfo } from "../../api/customers";
import { useChange } from "../../api/hooks";
import { follow } from "../../app/follow";
import { useNotices } from "../../app/notices";
import { linkTo } from "../../app/url";
import { FormModal } from "../../parts/FormModal";
import { shortened } from "../../values/ids";
import { CustomerFields } from "./CustomerFields";
import { type CustomerDraft, customerChanges, customerDraft, customerFaults, NEW_CUSTOMER } from "./draft";

type Props = {
  /** "" lets the reader choose one. */
  id: string;
  /** What there is of the customer; a new one without. */
  info: CustomerInfo | undefined;
  onClose: () => void;
};

/** Make a customer, or change one: name, models, limits. */
export default function EditCustomer({ id, info, onClose }: Props) {
  const before: CustomerDraft = info ? customerDraft(info) : { ...NEW_CUSTOMER, user_id: id };
  const [draft, setDraft] = useState(before);
  const [tried, setTried] = useState(false);
  const notices = useNotices();
  const change = useChange<Record<string, unknown>>(info ? "/customer/update" : "/customer/new");
  const own = customerFaults(draft);
  const faults = tried && own.size ? own : (change.error?.fields ?? new Map<string, string>());

  function save(): void {
    setTried(true);
    if (own.size) return;
    const user_id = draft.user_id.trim();
    change.mutate(
      { user_id, ...customerChanges(draft, before) },
      {
        onSuccess: () => {
          notices.tell("success", `${shortened(user_id)}: ${info ? "Changed." : "Made."}`);
          onClose();
          if (!info && !id) follow(linkTo("customer", { id: user_id }));
        },
      },
    );
  }

  return (
    <FormModal
      title={info ? "Edit customer" : id ? "Set up customer" : "New customer"}
      submitText={info ? "Save" : "Create"}
      size="large"
      onSubmit={save}
      onDismiss={onClose}
      busy={change.isPending}
      error={change.error}
    >
      <CustomerFields draft={draft} faults={faults} fresh={!info && !id} onChange={setDraft} />
    </FormModal>
  );
}
