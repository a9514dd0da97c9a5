import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import type { CapDraft } from "../../values/limits";
import { DurationInput } from "./DurationInput";
import { changedAt } from "./lists";

type Props = {
  value: CapDraft[];
  faults: ReadonlyMap<string, string>;
  onChange: (value: CapDraft[]) => void;
};

const MOST = 8;

/** More windows that hold at once. */
export function WindowList({ value, faults, onChange }: Props) {
  const set = (at: number, change: Partial<CapDraft>) => onChange(changedAt(value, at, change));
  return (
    <AttributeEditor
      items={value}
      empty="None: the budget above is the only one."
      addButtonText="Add a window"
      removeButtonText="Remove"
      removeButtonAriaLabel={(item) => `Remove the window of ${item.max_budget || "no amount"}`}
      disableAddButton={value.length >= MOST}
      onAddButtonClick={() => onChange([...value, { max_budget: "", budget_duration: "" }])}
      onRemoveButtonClick={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: "Budget (USD)",
          control: (item, at) => (
            <Input
              value={item.max_budget}
              inputMode="decimal"
              onChange={({ detail }) => set(at, { max_budget: detail.value })}
            />
          ),
          errorText: (_, at) => faults.get(`budget_limits.${at}.max_budget`),
        },
        {
          label: "Window",
          control: (item, at) => (
            <DurationInput
              value={item.budget_duration}
              onChange={(budget_duration) => set(at, { budget_duration })}
            />
          ),
          errorText: (_, at) => faults.get(`budget_limits.${at}.budget_duration`),
        },
      ]}
    />
  );
}
