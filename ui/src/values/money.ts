import Big from "big.js";

/** An amount or a count as the API answered it: exact. A whole number in JavaScript's safe range stays a number. */
export type Exact = number | Big;

/** What may stand where an amount is: absent is zero. */
export type Amount = Exact | null | undefined;

export const ZERO = new Big(0);

export function big(value: Amount): Big {
  return value instanceof Big ? value : new Big(value ?? 0);
}

export function sum(values: readonly Amount[]): Big {
  return values.reduce<Big>((total, value) => total.plus(big(value)), ZERO);
}

export function compare(left: Amount, right: Amount): number {
  return big(left).cmp(big(right));
}

/** A part of a whole in per cent, for bars and labels; zero of nothing. */
export function percent(part: Amount, whole: Amount): number {
  const all = big(whole);
  return all.eq(0) ? 0 : big(part).times(100).div(all).toNumber();
}

/** How much a value grew in per cent; null where there was nothing before. */
export function growth(now: Amount, before: Amount): number | null {
  const old = big(before);
  return old.eq(0) ? null : big(now).minus(old).times(100).div(old.abs()).toNumber();
}

/** A place on a chart's axis. Only for drawing: labels are made of the exact value. */
export function plotted(value: Amount): number {
  return typeof value === "number" ? value : big(value).toNumber();
}
