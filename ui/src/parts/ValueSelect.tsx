import Select from "@cloudscape-design/components/select";

type Choice = { value: string; label: string };
type Props = {
  label: string;
  /** What it says when nothing is chosen, such as "All models". */
  all: string;
  value: string | null;
  options: readonly Choice[] | undefined;
  onChange: (value: string | null) => void;
};

const MANY = 8;

/** One value of a filter, or all of them; a value that the range no longer has stays to be seen. */
export function ValueSelect({ label, all, value, options, onChange }: Props) {
  const none = { value: "", label: all };
  const known = options ?? [];
  const own = value === null || known.some((one) => one.value === value) ? [] : [{ value, label: value }];
  const choices = [none, ...own, ...known];
  return (
    <Select
      ariaLabel={label}
      selectedOption={choices.find((one) => one.value === (value ?? "")) ?? none}
      options={choices}
      statusType={options ? "finished" : "loading"}
      loadingText={`Loading ${label.toLowerCase()}s`}
      filteringType={known.length > MANY ? "auto" : "none"}
      filteringAriaLabel={`Search ${label.toLowerCase()}`}
      expandToViewport
      onChange={({ detail }) => onChange(detail.selectedOption.value || null)}
    />
  );
}
