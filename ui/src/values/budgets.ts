import type { BudgetForecast } from "../api/types";
import { bucketLabel } from "./dates";
import { exactMoney, money } from "./format";
import { big, percent } from "./money";

type Used = Pick<BudgetForecast, "spent" | "max_budget"> & Partial<Pick<BudgetForecast, "held">>;

/** How much of a budget is spent or held, in per cent; a budget of nothing is used up. */
export function usedPercent({ spent, held, max_budget }: Used): number {
  return big(max_budget).eq(0) ? 100 : percent(big(spent).plus(big(held)), max_budget);
}

/** What becomes of a budget before it resets: used up already, or on which day; "" when it lasts. */
export function outlook(budget: Used & Pick<BudgetForecast, "runs_out_on">): string {
  if (usedPercent(budget) >= 100) return "used up";
  return budget.runs_out_on ? `runs out ${bucketLabel(budget.runs_out_on)}` : "";
}

/** The budget that leaves least: the one that stops its customer first. */
export function tightest<B extends Used>(budgets: readonly B[]): B | undefined {
  return budgets.reduce<B | undefined>(
    (least, one) => (least && usedPercent(least) >= usedPercent(one) ? least : one),
    undefined,
  );
}

/** "$4.20 of $5.00, held $0.10", with every digit or to read. */
export function usedText({ spent, held, max_budget }: Used, show: typeof money = money): string {
  const holding = big(held).gt(0) ? `, held ${show(held)}` : "";
  return `${show(spent)} of ${show(max_budget)}${holding}`;
}

export function usedExactly(used: Used): string {
  return usedText(used, exactMoney);
}
