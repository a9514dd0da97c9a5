import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";

type Props = {
  label: string;
  description?: string;
  value: string;
  fault: string | undefined;
  onChange: (value: string) => void;
  money?: boolean;
};

/** An amount or a count, kept as it is typed; empty is no limit. */
export function NumberInput({ label, description, value, fault, onChange, money }: Props) {
  return (
    <FormField label={label} description={description} errorText={fault}>
      <Input
        value={value}
        onChange={({ detail }) => onChange(detail.value)}
        inputMode={money ? "decimal" : "numeric"}
        autoComplete={false}
        placeholder="No limit"
      />
    </FormField>
  );
}
