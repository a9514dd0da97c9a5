import type { CustomerInfo } from "../../api/customers";
import { changesOf, draftOf, faultsOf, type LimitDraft, NO_LIMITS } from "../../values/limits";

export type Source = "none" | "tier" | "own";

/** A customer in a form: what was typed. */
export type CustomerDraft = {
  user_id: string;
  alias: string;
  models: string;
  source: Source;
  budget_id: string;
  limits: LimitDraft;
};

export const NEW_CUSTOMER: CustomerDraft = {
  user_id: "",
  alias: "",
  models: "",
  source: "none",
  budget_id: "",
  limits: NO_LIMITS,
};

export function customerDraft(info: CustomerInfo): CustomerDraft {
  const table = info.litellm_budget_table;
  return {
    user_id: info.user_id,
    alias: info.alias ?? "",
    models: info.models.join(", "),
    source: info.budget_id ? "tier" : table ? "own" : "none",
    budget_id: info.budget_id ?? "",
    limits: table ? draftOf(table) : NO_LIMITS,
  };
}

function modelsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** What of the limits is to be sent, seen from where they came from before. */
function limitChanges(draft: CustomerDraft, before: CustomerDraft): Record<string, unknown> {
  if (draft.source === "tier")
    return draft.budget_id === before.budget_id ? {} : { budget_id: draft.budget_id };
  if (draft.source === "none") {
    return before.source === "tier" ? { budget_id: null } : changesOf(NO_LIMITS, before.limits);
  }
  const changes = changesOf(draft.limits, before.limits);
  // A tier's limits become the customer's own by naming one of them.
  const copied = before.source === "tier" && Object.keys(changes).length === 0;
  return copied ? changesOf(draft.limits) : changes;
}

/** The fields to send: those that differ from what there was. The draft must have no faults. */
export function customerChanges(draft: CustomerDraft, before: CustomerDraft): Record<string, unknown> {
  return {
    ...(draft.alias.trim() === before.alias ? {} : { alias: draft.alias.trim() || null }),
    ...(draft.models === before.models ? {} : { models: modelsOf(draft.models) }),
    ...limitChanges(draft, before),
  };
}

/** What is wrong with a draft, by field. */
export function customerFaults(draft: CustomerDraft): Map<string, string> {
  const faults = draft.source === "own" ? faultsOf(draft.limits) : new Map<string, string>();
  if (!draft.user_id.trim()) faults.set("user_id", "Write the id that calls name the customer by.");
  if (draft.source === "tier" && !draft.budget_id) faults.set("budget_id", "Choose a tier.");
  return faults;
}
