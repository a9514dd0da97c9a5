import { useChange } from "../../api/hooks";
import { useNotices } from "../../app/notices";
import { FormModal } from "../../parts/FormModal";
import { KeyFields } from "./KeyFields";
import { keyName, type VirtualKey } from "./key";
import type { Made } from "./Secret";
import { useKeyDraft } from "./useKeyDraft";

type Props = { known: VirtualKey | null; onDismiss: () => void; onMade: (made: Made) => void };

/** Make a key, or change one. */
export function KeyForm({ known, onDismiss, onMade }: Props) {
  const change = useChange<object, Made>(known ? "/key/update" : "/key/generate", { forget: true });
  const form = useKeyDraft(known, change.error);
  const notices = useNotices();

  function save(): void {
    if (!form.check()) return;
    const body = known ? { key: known.token, ...form.body() } : form.body();
    change.mutate(body, {
      onSuccess: (made) => {
        if (known) notices.tell("success", `The key ${keyName(known)} was changed.`);
        onMade(made);
      },
    });
  }

  return (
    <FormModal
      title={known ? `Edit the key ${keyName(known)}` : "Create a key"}
      submitText={known ? "Save" : "Create"}
      size="large"
      busy={change.isPending}
      error={change.error}
      warning={
        form.faults.size && !change.error ? "Some fields cannot be saved: see what each says." : undefined
      }
      onSubmit={save}
      onDismiss={onDismiss}
    >
      <KeyFields draft={form.draft} expires={known?.expires} faults={form.faults} set={form.set} />
    </FormModal>
  );
}
