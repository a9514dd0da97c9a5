import { each } from "../../values/durations";
import { count, exactMoney } from "../../values/format";
import type { Cap, Limits, ModelCap } from "../../values/limits";

/** A budget and its window: `$5.00 each day`. */
export function capText({ max_budget, budget_duration }: Cap): string {
  return max_budget === null ? "" : `${exactMoney(max_budget)} ${each(budget_duration)}`;
}

/** Every window of money. */
export function capTexts(limits: Limits): string[] {
  return [limits, ...limits.budget_limits].map(capText).filter(Boolean);
}

/** Rates, and calls at once. */
export function rateTexts(limits: Omit<Partial<Limits>, "budget_limits">): string[] {
  const { rpm_limit, tpm_limit, max_parallel_requests } = limits;
  return [
    rpm_limit == null ? "" : `${count(rpm_limit)} requests a minute`,
    tpm_limit == null ? "" : `${count(tpm_limit)} tokens a minute`,
    max_parallel_requests == null ? "" : `${count(max_parallel_requests)} calls at once`,
  ].filter(Boolean);
}

/** What holds of one model: `gpt-4*: $2.00 each day, 20 requests a minute`. */
export function modelTexts(limits: Limits): string[] {
  return Object.entries(limits.model_max_budget ?? {}).map(([model, cap]: [string, ModelCap]) => {
    const parts = [capText(cap), ...rateTexts(cap)].filter(Boolean);
    return `${model}: ${parts.join(", ") || "nothing set"}`;
  });
}
