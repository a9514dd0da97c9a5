import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import type { ModelDraft } from "../../values/limits";
import { DurationInput } from "./DurationInput";
import { changedAt } from "./lists";

type Props = {
  value: ModelDraft[];
  faults: ReadonlyMap<string, string>;
  onChange: (value: ModelDraft[]) => void;
};

const MOST = 20;
const EMPTY: ModelDraft = { model: "", max_budget: "", budget_duration: "", rpm_limit: "", tpm_limit: "" };
const TEXTS = [
  { name: "model", label: "Model or pattern" },
  { name: "max_budget", label: "Budget (USD)" },
  { name: "rpm_limit", label: "Requests a minute" },
  { name: "tpm_limit", label: "Tokens a minute" },
] as const;

/** Limits of single models, or of all that fit a pattern. */
export function ModelList({ value, faults, onChange }: Props) {
  const set = (at: number, change: Partial<ModelDraft>) => onChange(changedAt(value, at, change));
  const fault = (at: number, name: string) => faults.get(`model_max_budget.${at}.${name}`);
  const texts = TEXTS.map(({ name, label }) => ({
    label,
    control: (item: ModelDraft, at: number) => (
      <Input value={item[name]} onChange={({ detail }) => set(at, { [name]: detail.value })} />
    ),
    errorText: (_: ModelDraft, at: number) => fault(at, name),
  }));
  const window = {
    label: "Window",
    control: (item: ModelDraft, at: number) => (
      <DurationInput
        value={item.budget_duration}
        onChange={(budget_duration) => set(at, { budget_duration })}
      />
    ),
    errorText: (_: ModelDraft, at: number) => fault(at, "budget_duration"),
  };
  return (
    <AttributeEditor
      items={value}
      empty="None: every model is within the limits above."
      addButtonText="Add a model"
      removeButtonText="Remove"
      removeButtonAriaLabel={(item) => `Remove the limits of ${item.model || "no model"}`}
      disableAddButton={value.length >= MOST}
      onAddButtonClick={() => onChange([...value, EMPTY])}
      onRemoveButtonClick={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
      definition={[...texts.slice(0, 2), window, ...texts.slice(2)]}
    />
  );
}
