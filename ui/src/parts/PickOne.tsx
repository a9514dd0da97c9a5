import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";

export type Choice = { value: string; label: string; description?: string };
type Props = {
  label: string;
  value: string | null;
  choices: readonly Choice[];
  /** What is said when nothing is chosen. */
  any: string;
  onChange: (value: string | null) => void;
};

const MANY = 8;

/** A filter with one value of a list, or any. */
export function PickOne({ label, value, choices, any, onChange }: Props) {
  const all = [{ value: "", label: any }, ...choices];
  const chosen = all.find((one) => one.value === (value ?? ""));
  return (
    <FormField label={label} stretch>
      <Select
        options={all}
        selectedOption={chosen ?? { value: value ?? "", label: value ?? "" }}
        filteringType={choices.length > MANY ? "auto" : "none"}
        expandToViewport
        onChange={({ detail }) => onChange(detail.selectedOption.value || null)}
      />
    </FormField>
  );
}
