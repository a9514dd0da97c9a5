import Select from "@cloudscape-design/components/select";
import { useApi } from "../api/hooks";
import type { Limits } from "../values/limits";
import { capTexts, rateTexts } from "./limits/texts";

type Props = { value: string; none: string; onChange: (id: string) => void };

/** Choose a tier, or none. */
export function TierSelect({ value, none, onChange }: Props) {
  const asked = useApi<(Limits & { budget_id: string })[]>("/budget/list");
  const tiers = (asked.data ?? []).map((tier) => ({
    value: tier.budget_id,
    label: tier.budget_id,
    description: [...capTexts(tier), ...rateTexts(tier)].join(", "),
  }));
  const options = [{ value: "", label: none }, ...tiers];
  const chosen = options.find((one) => one.value === value) ?? { value, label: value };
  return (
    <Select
      selectedOption={chosen}
      options={options}
      onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      filteringType="auto"
      filteringAriaLabel="Find a tier"
      statusType={asked.error ? "error" : asked.loading ? "loading" : "finished"}
      errorText={asked.error?.message}
      recoveryText="Try again"
      onLoadItems={() => asked.error && asked.reload()}
      expandToViewport
    />
  );
}
