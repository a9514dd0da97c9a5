import Autosuggest from "@cloudscape-design/components/autosuggest";
import { WINDOWS } from "../../values/durations";

type Props = { value: string; onChange: (value: string) => void; label?: string };

const OPTIONS = WINDOWS.map(({ value, label }) => ({ value, description: label }));

/** How long a window is: one that has a name, or any other that the API knows. */
export function DurationInput({ value, onChange, label }: Props) {
  return (
    <Autosuggest
      value={value}
      onChange={({ detail }) => onChange(detail.value)}
      options={OPTIONS}
      filteringType="manual"
      enteredTextLabel={(text) => `Use ${text}`}
      placeholder="In all"
      ariaLabel={label}
      clearAriaLabel="Clear"
      expandToViewport
    />
  );
}
