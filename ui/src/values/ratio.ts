import { type Amount, big, type Exact, percent } from "./money";

const MILLION = 1_000_000;
const ENOUGH = 12; // decimal places of a quotient, which is shown with far fewer

/** A part of a whole in per cent at each point; null where there is no whole. */
export function percents(parts: readonly Exact[] = [], wholes: readonly Exact[] = []): (number | null)[] {
  return wholes.map((whole, at) => (big(whole).eq(0) ? null : percent(parts[at], whole)));
}

/** One amount for each of another at each point, such as milliseconds a call; null where there is none. */
export function quotients(parts: readonly Exact[] = [], wholes: readonly Exact[] = []): (Exact | null)[] {
  return wholes.map((whole, at) => quotient(parts[at], whole));
}

function quotient(part: Amount, whole: Amount): Exact | null {
  return big(whole).eq(0) ? null : big(part).div(big(whole)).round(ENOUGH);
}

/** What a million tokens came to on average; null where no tokens were used. */
export function perMillion(spend: Amount, tokens: Amount): Exact | null {
  return quotient(big(spend).times(MILLION), tokens);
}
