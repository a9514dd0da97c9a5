import Big from "big.js";
import { isDuration } from "./durations";
import { type Amount, big, type Exact } from "./money";

export type Cap = { max_budget: Exact | null; budget_duration: string | null };
export type ModelCap = Cap & { rpm_limit: Exact | null; tpm_limit: Exact | null };
export type Mode = "strict" | "observe";

/** Limits as the API tells them: of a tier, a key or a customer; money in USD. */
export type Limits = Cap & {
  budget_limits: Cap[];
  soft_budget: Exact | null;
  rpm_limit: Exact | null;
  tpm_limit: Exact | null;
  max_parallel_requests: Exact | null;
  model_max_budget: Record<string, ModelCap> | null;
  mode: Mode;
};

export type CapDraft = { max_budget: string; budget_duration: string };
export type ModelDraft = CapDraft & { model: string; rpm_limit: string; tpm_limit: string };

/** The same in a form: what was typed, digit by digit. */
export type LimitDraft = CapDraft & {
  budget_limits: CapDraft[];
  soft_budget: string;
  rpm_limit: string;
  tpm_limit: string;
  max_parallel_requests: string;
  model_max_budget: ModelDraft[];
  mode: Mode;
};

export const NO_LIMITS: LimitDraft = {
  max_budget: "",
  budget_duration: "",
  budget_limits: [],
  soft_budget: "",
  rpm_limit: "",
  tpm_limit: "",
  max_parallel_requests: "",
  model_max_budget: [],
  mode: "strict",
};

const MONEY = ["max_budget", "soft_budget"] as const;
const COUNTS = ["rpm_limit", "tpm_limit", "max_parallel_requests"] as const;
const MOST = new Big(1_000_000_000_000);

function typed(value: Amount): string {
  return value === null || value === undefined ? "" : big(value).toFixed();
}

function capDraft({ max_budget, budget_duration }: Cap): CapDraft {
  return { max_budget: typed(max_budget), budget_duration: budget_duration ?? "" };
}

export function draftOf(limits: Limits): LimitDraft {
  return {
    ...capDraft(limits),
    budget_limits: limits.budget_limits.map(capDraft),
    soft_budget: typed(limits.soft_budget),
    rpm_limit: typed(limits.rpm_limit),
    tpm_limit: typed(limits.tpm_limit),
    max_parallel_requests: typed(limits.max_parallel_requests),
    model_max_budget: Object.entries(limits.model_max_budget ?? {}).map(([model, cap]) => ({
      model,
      ...capDraft(cap),
      rpm_limit: typed(cap.rpm_limit),
      tpm_limit: typed(cap.tpm_limit),
    })),
    mode: limits.mode,
  };
}

function number(text: string): Big | null {
  return text.trim() ? new Big(text.trim()) : null;
}

function capBody({ max_budget, budget_duration }: CapDraft) {
  return { max_budget: number(max_budget), budget_duration: budget_duration.trim() || null };
}

function body(draft: LimitDraft): Record<keyof LimitDraft, unknown> {
  const models = draft.model_max_budget.map(({ model, rpm_limit, tpm_limit, ...cap }) => [
    model.trim(),
    { ...capBody(cap), rpm_limit: number(rpm_limit), tpm_limit: number(tpm_limit) },
  ]);
  return {
    ...capBody(draft),
    budget_limits: draft.budget_limits.map(capBody),
    soft_budget: number(draft.soft_budget),
    rpm_limit: number(draft.rpm_limit),
    tpm_limit: number(draft.tpm_limit),
    max_parallel_requests: number(draft.max_parallel_requests),
    model_max_budget: Object.fromEntries(models),
    mode: draft.mode,
  };
}

/** What of a draft is to be sent: the fields that differ from what there was. It must have no faults. */
export function changesOf(draft: LimitDraft, before: LimitDraft = NO_LIMITS): Record<string, unknown> {
  const names = Object.keys(NO_LIMITS) as (keyof LimitDraft)[];
  const changed = names.filter((name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]));
  const all = body(draft);
  return Object.fromEntries(changed.map((name) => [name, all[name]]));
}

/** What is wrong with an amount in USD as it was typed; "" when nothing is. */
function moneyFault(text: string): string {
  const amount = text.trim();
  if (!amount) return "";
  if (/^\d*,\d+$/.test(amount)) return "Write the decimals after a point: 0.50.";
  if (!/^(\d+\.?\d*|\.\d+)$/.test(amount)) return "Write an amount in USD in digits, such as 25 or 0.50.";
  if (/\.\d{13}/.test(amount)) return "An amount has at most 12 decimals.";
  return new Big(amount).gt(MOST) ? "An amount is at most 1000000000000." : "";
}

function countFault(text: string): string {
  const count = text.trim();
  if (!count) return "";
  if (!/^\d+$/.test(count)) return "Write a whole number in digits, such as 60.";
  return new Big(count).gt(MOST) ? "A number is at most 1000000000000." : "";
}

function durationFault(text: string): string {
  return !text.trim() || isDuration(text.trim()) ? "" : "Write a window such as 1h, 1d, 7d, 1mo or 12h.";
}

/** What is wrong with a draft, by field: `budget_limits.0.max_budget`. */
export function faultsOf(draft: LimitDraft): Map<string, string> {
  const found: [string, string][] = [
    ...MONEY.map((name): [string, string] => [name, moneyFault(draft[name])]),
    ...COUNTS.map((name): [string, string] => [name, countFault(draft[name])]),
    ["budget_duration", durationFault(draft.budget_duration)],
  ];
  draft.budget_limits.forEach((cap, at) => {
    const missing = cap.max_budget.trim() ? "" : "Write an amount, or remove the window.";
    found.push([`budget_limits.${at}.max_budget`, missing || moneyFault(cap.max_budget)]);
    found.push([`budget_limits.${at}.budget_duration`, durationFault(cap.budget_duration)]);
  });
  draft.model_max_budget.forEach((cap, at) => {
    const names = draft.model_max_budget.map(({ model }) => model.trim());
    const twice = names.indexOf(cap.model.trim()) < at ? "This model is there already." : "";
    const missing = cap.model.trim() ? twice : "Write a model, or a pattern such as gpt-4*.";
    found.push([`model_max_budget.${at}.model`, missing]);
    found.push([`model_max_budget.${at}.max_budget`, moneyFault(cap.max_budget)]);
    found.push([`model_max_budget.${at}.budget_duration`, durationFault(cap.budget_duration)]);
    found.push([`model_max_budget.${at}.rpm_limit`, countFault(cap.rpm_limit)]);
    found.push([`model_max_budget.${at}.tpm_limit`, countFault(cap.tpm_limit)]);
  });
  return new Map(found.filter(([, fault]) => fault));
}
