import Big from "big.js";
import { parse, stringify } from "lossless-json";
import type { Exact } from "../values/money";

/** A JSON number without losing a digit: a safe whole number as it is, anything else as a decimal. */
function exact(text: string): Exact {
  const value = Number(text);
  return Number.isSafeInteger(value) && /^-?\d+$/.test(text) ? value : new Big(text);
}

const DECIMALS = {
  test: (value: unknown) => value instanceof Big,
  stringify: (value: unknown) => (value as Big).toFixed(),
};

/** Parse what the API answers. Throws SyntaxError for what is no JSON. */
export function parseExact(text: string): unknown {
  return parse(text, undefined, exact);
}

/** JSON in which a decimal is a number with all its digits; `indent` lays it out to read. */
export function writeExact(value: unknown, indent?: number): string {
  return stringify(value, undefined, indent, [DECIMALS]) ?? "null";
}
