import DateRangePicker, { type DateRangePickerProps } from "@cloudscape-design/components/date-range-picker";
import Icon from "@cloudscape-design/components/icon";
import {
  type Day,
  length,
  localDay,
  MOST_DAYS,
  PRESET_NAMES,
  PRESETS,
  type Preset,
  rangeBack,
  rangeName,
} from "../values/dates";
import { LOCALE } from "../values/format";

type Props = { range: string; today: Day; onChange: (range: string) => void };

const OPTIONS = (Object.keys(PRESETS) as Preset[]).map(
  (key) => ({ key, amount: 1, unit: "day", type: "relative" }) as const,
);

function shown(range: string): DateRangePickerProps.Value {
  const preset = OPTIONS.find(({ key }) => key === range);
  if (preset) return preset;
  const [startDate = "", endDate = ""] = range.split("..");
  return { type: "absolute", startDate, endDate };
}

function chosen(value: DateRangePickerProps.Value, today: Day): string {
  if (value.type === "absolute") return `${value.startDate}..${value.endDate}`;
  if (value.key) return value.key;
  const { start, end } = rangeBack(value.amount, value.unit as "day" | "week" | "month", today);
  return `${start}..${end}`;
}

function checked(
  value: DateRangePickerProps.Value | null,
  today: Day,
): DateRangePickerProps.ValidationResult {
  const wrong = (errorMessage: string) => ({ valid: false, errorMessage }) as const;
  if (!value) return wrong("Choose a range.");
  if (value.type === "relative" && value.key) return { valid: true };
  if (value.type === "relative" && !(value.amount > 0)) return wrong("Say how many days, weeks or months.");
  const [start = "", end = ""] = chosen(value, today).split("..");
  if (!start || !end) return wrong("Choose a first and a last day.");
  if (start > end) return wrong("The first day is after the last one. Swap them.");
  return length({ start, end }) > MOST_DAYS
    ? wrong(`A range has at most ${MOST_DAYS} days. Choose a later first day.`)
    : { valid: true };
}

/** The days that a view shows: one of the named ranges, or any other. */
export function RangePicker({ range, today, onChange }: Props) {
  return (
    <DateRangePicker
      value={shown(range)}
      onChange={({ detail }) => detail.value && onChange(chosen(detail.value, today))}
      relativeOptions={OPTIONS}
      isValidRange={(value) => checked(value, today)}
      isDateEnabled={(date) => localDay(date) <= today}
      dateDisabledReason={() => "This day has not begun."}
      customRelativeRangeUnits={["day", "week", "month"]}
      showClearButton={false}
      dateOnly
      expandToViewport
      renderTriggerContent={() => (
        <>
          <Icon name="calendar" /> {rangeName(range, today)}
        </>
      )}
      dateInputFormat="iso"
      locale={LOCALE}
      i18nStrings={{
        relativeModeTitle: "Named ranges",
        absoluteModeTitle: "Other days",
        formatRelativeRange: ({ key, amount, unit }) =>
          key ? PRESET_NAMES[key as Preset] : `Last ${amount} ${unit}${amount === 1 ? "" : "s"}`,
        formatUnit: (unit, amount) => (amount === 1 ? unit : `${unit}s`),
        customRelativeRangeOptionDescription: "Any number of days, weeks or months up to today",
      }}
    />
  );
}
