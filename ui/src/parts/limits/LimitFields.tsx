import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { LimitDraft, Mode } from "../../values/limits";
import { DurationInput } from "./DurationInput";
import { ModelList } from "./ModelList";
import { NumberInput } from "./NumberInput";
import { WindowList } from "./WindowList";

type Props = {
  draft: LimitDraft;
  /** What is wrong, by field: `budget_limits.0.max_budget`. */
  faults: ReadonlyMap<string, string>;
  onChange: (draft: LimitDraft) => void;
};

const MODES = [
  {
    value: "strict",
    label: "Strict",
    description: "A call over a limit is refused before it costs anything.",
  },
  { value: "observe", label: "Observe", description: "Nothing is refused; calls say what would have been." },
];

/** The fields of limits, of a tier, a key or a customer. */
export function LimitFields({ draft, faults, onChange }: Props) {
  const set = (change: Partial<LimitDraft>) => onChange({ ...draft, ...change });
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <NumberInput
          label="Budget (USD)"
          description="The most that may be spent in a window; 0 admits nothing."
          money
          value={draft.max_budget}
          fault={faults.get("max_budget")}
          onChange={(max_budget) => set({ max_budget })}
        />
        <FormField
          label="Window"
          description="Follows the calendar; empty is in all, for ever."
          errorText={faults.get("budget_duration")}
        >
          <DurationInput
            value={draft.budget_duration}
            onChange={(budget_duration) => set({ budget_duration })}
          />
        </FormField>
      </ColumnLayout>
      <FormField
        label="Further windows"
        description="Hold at the same time: so much a day, and so much a month."
        stretch
      >
        <WindowList
          value={draft.budget_limits}
          faults={faults}
          onChange={(budget_limits) => set({ budget_limits })}
        />
      </FormField>
      <ColumnLayout columns={3}>
        <NumberInput
          label="Requests a minute"
          value={draft.rpm_limit}
          fault={faults.get("rpm_limit")}
          onChange={(rpm_limit) => set({ rpm_limit })}
        />
        <NumberInput
          label="Tokens a minute"
          value={draft.tpm_limit}
          fault={faults.get("tpm_limit")}
          onChange={(tpm_limit) => set({ tpm_limit })}
        />
        <NumberInput
          label="Calls at once"
          value={draft.max_parallel_requests}
          fault={faults.get("max_parallel_requests")}
          onChange={(max_parallel_requests) => set({ max_parallel_requests })}
        />
      </ColumnLayout>
      <ExpandableSection
        headerText="Single models, soft budget, mode"
        defaultExpanded={
          draft.model_max_budget.length > 0 || draft.soft_budget !== "" || draft.mode !== "strict"
        }
      >
        <SpaceBetween size="l">
          <FormField label="Single models" stretch>
            <ModelList
              value={draft.model_max_budget}
              faults={faults}
              onChange={(model_max_budget) => set({ model_max_budget })}
            />
          </FormField>
          <NumberInput
            label="Soft budget (USD)"
            description="Is shown, and refuses nothing."
            money
            value={draft.soft_budget}
            fault={faults.get("soft_budget")}
            onChange={(soft_budget) => set({ soft_budget })}
          />
          <FormField label="Mode" errorText={faults.get("mode")}>
            <RadioGroup
              items={MODES}
              value={draft.mode}
              onChange={({ detail }) => set({ mode: detail.value as Mode })}
            />
          </FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}
