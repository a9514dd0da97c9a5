import Select from "@cloudscape-design/components/select";
import { useSession } from "../../app/session";
import { instant } from "../../values/dates";

type Props = { value: string; expires: string | null | undefined; onChange: (lasting: string) => void };

const LASTING = [
  { value: "", label: "Never" },
  { value: "1d", label: "In a day" },
  { value: "7d", label: "In a week" },
  { value: "30d", label: "In 30 days" },
  { value: "90d", label: "In 90 days" },
  { value: "12mo", label: "In a year" },
];

/** When a key expires, from now on; of a known key, its expiry may stay. */
export function LastingSelect({ value, expires, onChange }: Props) {
  const { self } = useSession();
  const kept = expires ? `As it is: ${instant(expires, self.reporting_timezone)}` : "As it is: never";
  const options = expires === undefined ? LASTING : [{ value: "keep", label: kept }, ...LASTING];
  return (
    <Select
      selectedOption={options.find((one) => one.value === value) ?? null}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      expandToViewport
    />
  );
}
