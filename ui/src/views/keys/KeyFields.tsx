import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { LimitFields } from "../../parts/limits/LimitFields";
import { ModelTokens } from "../../parts/ModelTokens";
import { TierSelect } from "../../parts/TierSelect";
import { NO_LIMITS } from "../../values/limits";
import type { KeyDraft } from "./keyDraft";
import { LastingSelect } from "./LastingSelect";
import { ScopeFields } from "./ScopeFields";

type Props = {
  draft: KeyDraft;
  /** When a known key expires; undefined for a new one. */
  expires: string | null | undefined;
  faults: ReadonlyMap<string, string>;
  set: (change: Partial<KeyDraft>) => void;
};

/** The fields of a key. */
export function KeyFields({ draft, expires, faults, set }: Props) {
  const limited = draft.budget_id !== "" || draft.limits !== NO_LIMITS;
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <FormField
          label="Alias"
          description="What people call it; no two keys have the same."
          errorText={faults.get("key_alias")}
        >
          <Input
            value={draft.key_alias}
            onChange={({ detail }) => set({ key_alias: detail.value })}
            placeholder="app"
            autoComplete={false}
          />
        </FormField>
        <FormField
          label="Expires"
          description="From then on nobody is let in with it."
          errorText={faults.get("duration") ?? faults.get("expires")}
        >
          <LastingSelect value={draft.lasting} expires={expires} onChange={(lasting) => set({ lasting })} />
        </FormField>
      </ColumnLayout>
      <ScopeFields draft={draft} faults={faults} set={set} />
      <ColumnLayout columns={2}>
        <FormField
          label="Speaks for"
          description="A customer's id: the key then calls for this customer only."
          errorText={faults.get("customer_id")}
        >
          <Input
            value={draft.customer_id}
            onChange={({ detail }) => set({ customer_id: detail.value })}
            placeholder="Any customer"
            autoComplete={false}
          />
        </FormField>
        <FormField
          label="Models"
          description="Which may be called, by name or pattern."
          errorText={faults.get("models") ?? faults.get("models.0")}
        >
          <ModelTokens value={draft.models} onChange={(models) => set({ models })} />
        </FormField>
        <FormField
          label="Tier of its customers"
          description="For those who have no limits of their own."
          errorText={faults.get("end_user_budget_id")}
        >
          <TierSelect
            value={draft.end_user_budget_id}
            none="None"
            onChange={(end_user_budget_id) => set({ end_user_budget_id })}
          />
        </FormField>
        <FormField
          label="Limits of the key itself"
          description="Hold beside its customers' limits."
          errorText={faults.get("budget_id")}
        >
          <TierSelect
            value={draft.budget_id}
            none="Its own, below"
            onChange={(budget_id) => set({ budget_id })}
          />
        </FormField>
      </ColumnLayout>
      {!draft.budget_id && (
        <ExpandableSection headerText="Own limits" defaultExpanded={limited}>
          <LimitFields draft={draft.limits} faults={faults} onChange={(limits) => set({ limits })} />
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
