import FormField from "@cloudscape-design/components/form-field";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import { useSession } from "../app/session";
import { type Day, plusDays, today } from "../values/dates";

type Props = { zone: string; start: Day; onChange: (zone: string | null) => void };

const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;

function choices(reporting: string): SelectProps.Options {
  const first = [
    { value: reporting, label: reporting, description: "Where days begin in reports" },
    { value: OWN, label: OWN, description: "Yours" },
    { value: "UTC", label: "UTC" },
  ].filter((one, index, all) => all.findIndex(({ value }) => value === one.value) === index);
  const known = Intl.supportedValuesOf("timeZone").filter((zone) =>
    first.every(({ value }) => value !== zone),
  );
  return [...first, { label: "All zones", options: known.map((value) => ({ value, label: value })) }];
}

/** The zone whose midnights bound the days; any but the reporting zone reaches back only some weeks. */
export function ZoneSelect({ zone, start, onChange }: Props) {
  const { reporting_timezone: reporting, hourly_retention_days: kept } = useSession().self;
  const tooEarly = zone !== reporting && start < plusDays(today(zone), 1 - kept);
  return (
    <FormField
      label="Time zone"
      warningText={tooEarly && `Reaches back ${kept} days. Choose later days, or ${reporting}.`}
    >
      <Select
        selectedOption={{ value: zone, label: zone }}
        options={choices(reporting)}
        filteringType="auto"
        filteringAriaLabel="Search time zones"
        filteringPlaceholder={`Others than ${reporting}: ${kept} days back`}
        virtualScroll
        expandToViewport
        onChange={({ detail: { selectedOption } }) =>
          onChange(selectedOption.value === reporting ? null : (selectedOption.value ?? null))
        }
      />
    </FormField>
  );
}
