import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useApi } from "../../api/hooks";
import { LimitFields } from "../../parts/limits/LimitFields";
import { capTexts } from "../../parts/limits/texts";
import type { Limits } from "../../values/limits";
import type { CustomerDraft, Source } from "./draft";

type Props = {
  draft: CustomerDraft;
  faults: ReadonlyMap<string, string>;
  /** Whether the id can still be chosen. */
  fresh: boolean;
  onChange: (draft: CustomerDraft) => void;
};

const SOURCES = [
  {
    value: "none",
    label: "None of its own",
    description: "The key's or the deployment's default tier holds.",
  },
  { value: "tier", label: "A tier's", description: "Shared with everybody on the tier." },
  { value: "own", label: "Its own", description: "For this customer alone." },
];

/** The fields of a customer, new or changed. */
export function CustomerFields({ draft, faults, fresh, onChange }: Props) {
  const set = (change: Partial<CustomerDraft>) => onChange({ ...draft, ...change });
  return (
    <SpaceBetween size="l">
      {fresh && (
        <FormField
          label="Id"
          description="What calls name the customer by: `user` in the body, or the header."
          errorText={faults.get("user_id")}
          stretch
        >
          <Input value={draft.user_id} onChange={({ detail }) => set({ user_id: detail.value })} />
        </FormField>
      )}
      <FormField label="Name" description="Shown instead of the id." errorText={faults.get("alias")} stretch>
        <Input value={draft.alias} onChange={({ detail }) => set({ alias: detail.value })} />
      </FormField>
      <FormField
        label="Allowed models"
        description="Separated by commas or blanks; empty allows every model."
        errorText={faults.get("models")}
        stretch
      >
        <Input value={draft.models} onChange={({ detail }) => set({ models: detail.value })} />
      </FormField>
      <FormField label="Limits" stretch>
        <RadioGroup
          items={SOURCES}
          value={draft.source}
          onChange={({ detail }) => set({ source: detail.value as Source })}
        />
      </FormField>
      {draft.source === "tier" && (
        <Tier
          value={draft.budget_id}
          fault={faults.get("budget_id")}
          onChange={(id) => set({ budget_id: id })}
        />
      )}
      {draft.source === "own" && (
        <LimitFields draft={draft.limits} faults={faults} onChange={(limits) => set({ limits })} />
      )}
    </SpaceBetween>
  );
}

type TierProps = { value: string; fault: string | undefined; onChange: (id: string) => void };

function Tier({ value, fault, onChange }: TierProps) {
  const tiers = useApi<(Limits & { budget_id: string })[]>("/budget/list");
  const options = tiers.data?.map((tier) => ({
    value: tier.budget_id,
    label: tier.budget_id,
    description: capTexts(tier).join(", "),
  }));
  return (
    <FormField label="Tier" errorText={fault} stretch>
      <Select
        selectedOption={value ? { value, label: value } : null}
        options={options ?? []}
        placeholder="Choose a tier"
        filteringType="auto"
        statusType={tiers.error ? "error" : tiers.loading ? "loading" : "finished"}
        errorText={tiers.error?.message}
        loadingText="Loading tiers"
        empty="There are no tiers yet: make one in Budgets."
        expandToViewport
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
