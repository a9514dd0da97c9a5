import { csv } from "../../parts/downloads";
import { capTexts, modelTexts, rateTexts } from "../../parts/limits/texts";
import type { Limits } from "../../values/limits";
import { big, type Exact } from "../../values/money";

/** A tier, as /budget/list tells it. */
export type Tier = Limits & {
  budget_id: string;
  budget_reset_at: string | null;
  created_at: string;
  updated_at: string;
};

/** The tiers whose id has a text in it, in any case. */
export function having(tiers: readonly Tier[], text: string): Tier[] {
  const sought = text.trim().toLowerCase();
  return tiers.filter((tier) => tier.budget_id.toLowerCase().includes(sought));
}

/** By a number that may be missing: what has none is more than all. */
export function byLimit(left: Exact | null, right: Exact | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return big(left).cmp(big(right));
}

export function tiersCsv(tiers: readonly Tier[]): string {
  const header = [
    "budget_id",
    "max_budget",
    "budget_duration",
    "windows",
    "rates",
    "models",
    "soft_budget",
    "mode",
  ];
  const text = (value: Exact | null) => (value === null ? "" : big(value).toFixed());
  const rows = tiers.map((tier) => [
    tier.budget_id,
    text(tier.max_budget),
    tier.budget_duration ?? "",
    capTexts(tier).join("; "),
    rateTexts(tier).join("; "),
    modelTexts(tier).join("; "),
    text(tier.soft_budget),
    tier.mode,
  ]);
  return csv(header, rows);
}
