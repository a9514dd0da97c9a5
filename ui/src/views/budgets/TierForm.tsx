import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { useChange } from "../../api/hooks";
import { useNotices } from "../../app/notices";
import { FormModal } from "../../parts/FormModal";
import { LimitFields } from "../../parts/limits/LimitFields";
import { useLimitDraft } from "../../parts/limits/useLimitDraft";
import type { Tier } from "./tier";

type Props = { tier: Tier | null; onDismiss: () => void; onDone: (id: string) => void };

/** Make a tier, or change one. */
export function TierForm({ tier, onDismiss, onDone }: Props) {
  const change = useChange<object, Tier>(tier ? "/budget/update" : "/budget/new");
  const limits = useLimitDraft(tier, change.error);
  const notices = useNotices();
  const [id, setId] = useState("");

  function save(): void {
    if (!limits.check()) return;
    const named = tier ? { budget_id: tier.budget_id } : id.trim() ? { budget_id: id.trim() } : {};
    change.mutate(
      { ...named, ...limits.changes() },
      {
        onSuccess: ({ budget_id }) => {
          notices.tell(
            "success",
            tier
              ? `The tier ${budget_id} was changed; it holds within seconds.`
              : `The tier ${budget_id} was made.`,
          );
          onDone(budget_id);
        },
      },
    );
  }

  return (
    <FormModal
      title={tier ? `Edit the tier ${tier.budget_id}` : "Create a tier"}
      submitText={tier ? "Save" : "Create"}
      size="large"
      busy={change.isPending}
      error={change.error}
      warning={
        limits.faults.size > 0 && !change.error
          ? "Some fields cannot be saved: see what each says."
          : undefined
      }
      onSubmit={save}
      onDismiss={onDismiss}
    >
      {!tier && (
        <FormField
          label="Name"
          description="The id by which customers are put on it; cannot be changed. Empty makes one up."
          errorText={limits.faults.get("budget_id")}
        >
          <Input
            value={id}
            onChange={({ detail }) => setId(detail.value)}
            placeholder="free"
            autoComplete={false}
          />
        </FormField>
      )}
      <LimitFields draft={limits.draft} faults={limits.faults} onChange={limits.setDraft} />
    </FormModal>
  );
}
