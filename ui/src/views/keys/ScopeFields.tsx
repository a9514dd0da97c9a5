import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { CustomerPicker } from "../../parts/CustomerPicker";
import type { KeyDraft, Reads } from "./keyDraft";

type Props = {
  draft: KeyDraft;
  faults: ReadonlyMap<string, string>;
  set: (change: Partial<KeyDraft>) => void;
};

const READS = [
  { value: "nothing", label: "No usage" },
  { value: "everybody", label: "Everybody's usage (usage:read)" },
  { value: "some", label: "Some customers' usage (usage:read:…)" },
];

function scopeFault(faults: ReadonlyMap<string, string>): string | undefined {
  return [...faults].find(([field]) => field === "scopes" || field.startsWith("scopes."))?.[1];
}

/** What a key may do. */
export function ScopeFields({ draft, faults, set }: Props) {
  return (
    <SpaceBetween size="m">
      <FormField label="Scopes" errorText={scopeFault(faults)}>
        <SpaceBetween size="xs">
          <Checkbox
            checked={draft.proxy}
            onChange={({ detail }) => set({ proxy: detail.checked })}
            description="For your applications."
          >
            Call models (proxy)
          </Checkbox>
          <Checkbox
            checked={draft.admin}
            onChange={({ detail }) => set({ admin: detail.checked })}
            description="Everything that you may do here."
          >
            Manage (admin)
          </Checkbox>
        </SpaceBetween>
      </FormField>
      <FormField label="Reads">
        <RadioGroup
          items={READS}
          value={draft.reads}
          onChange={({ detail }) => set({ reads: detail.value as Reads })}
        />
      </FormField>
      {draft.reads === "some" && (
        <FormField label="Whose usage" errorText={faults.get("readable")}>
          <CustomerPicker
            value={draft.readable}
            onChange={(readable) => set({ readable })}
            ariaLabel="Whose usage"
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}
