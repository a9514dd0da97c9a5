import type Big from "big.js";
import type { Cost } from "../../api/logs";
import { big, sum } from "../../values/money";

export type Receipt = {
  /** The sum of the lines. */
  total: Big;
  /** Whether the lines add up to what was booked as cost, to the last digit. */
  exact: boolean;
  /** What was added to the cost for the customer; negative for a rebate. */
  markup: Big;
};

/** What the lines of a cost come to, against what was booked. */
export function receiptOf({ lines, cost, charge }: Cost): Receipt {
  const total = sum(lines.map((line) => line.amount));
  return { total, exact: total.eq(big(cost)), markup: big(charge).minus(big(cost)) };
}

/** Whether a line is quantity times price, and not an amount as a whole. */
export function isPriced(name: string): boolean {
  return !["billed_by_provider", "price_change", "not_explained"].includes(name);
}
