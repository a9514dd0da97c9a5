import { type Amount, big } from "./money";

/** The reader's own language and number formats. */
export const LOCALE = typeof navigator === "undefined" ? "en-US" : navigator.language;

// Intl formats a decimal string without a detour through a float; TypeScript calls that string a literal type.
type Digits = Intl.StringNumericLiteral;

const SMALLEST_SHOWN_AS_CENTS = 1;
const DIGITS = 3;
const SMALLEST_PERCENT = 0.1;
const LARGEST_PERCENT = 99.9; // of what is not all
const counts = new Intl.NumberFormat(LOCALE);
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const signedPercents = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1, signDisplay: "exceptZero" });

function dollars(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD", ...options });
}

const cents = dollars({});
const fractions = dollars({ maximumSignificantDigits: DIGITS });
const everyDigit = dollars({ minimumFractionDigits: 2, maximumFractionDigits: 20 });
const compactDollars = dollars({ notation: "compact", maximumFractionDigits: 1 });

/** USD to read: cents from one dollar up, three significant digits below, where calls live. */
export function money(value: Amount): string {
  const amount = big(value);
  const small = amount.abs().lt(SMALLEST_SHOWN_AS_CENTS);
  const shown = small ? amount.prec(DIGITS) : amount;
  const wholeCents = shown.round(2).eq(shown);
  return (small && !wholeCents ? fractions : cents).format(shown.toFixed() as Digits);
}

/** USD with every digit of the ledger. */
export function exactMoney(value: Amount): string {
  return everyDigit.format(big(value).toFixed() as Digits);
}

/** USD with its sign, for differences. */
export function signedMoney(value: Amount): string {
  return `${big(value).gt(0) ? "+" : ""}${money(value)}`;
}

export function compactMoney(value: number): string {
  return Math.abs(value) < SMALLEST_SHOWN_AS_CENTS ? money(value) : compactDollars.format(value);
}

export function count(value: Amount): string {
  return counts.format(big(value).toFixed() as Digits);
}

export function compactCount(value: Amount): string {
  return compact.format(big(value).toFixed() as Digits);
}

export function percentage(value: number): string {
  if (value > 0 && value < SMALLEST_PERCENT) return `< ${percents.format(SMALLEST_PERCENT)} %`;
  if (value < 100 && value > LARGEST_PERCENT) return `> ${percents.format(LARGEST_PERCENT)} %`;
  return `${percents.format(value)} %`;
}

export function signedPercentage(value: number): string {
  return `${signedPercents.format(value)} %`;
}

/** Milliseconds as people read them. */
export function duration(milliseconds: Amount): string {
  const ms = big(milliseconds);
  return ms.lt(1000) ? `${count(ms.round(0))} ms` : `${counts.format(ms.div(1000).round(2).toNumber())} s`;
}

/** A difference of two percentages. */
export function signedPoints(value: number): string {
  return `${signedPercents.format(value)} points`;
}
