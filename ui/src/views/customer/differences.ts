import type { AuditRecord } from "../../api/customers";
import { writeExact } from "../../api/json";

/** A field that a change touched: what it was, if it was anything, and what it became. */
export type Difference = { field: string; before: string | undefined; after: string };

type Values = Record<string, unknown> | null;

const NOT_TOLD = new Set([
  "updated_at",
  "created_at",
  "user_id",
  "last_seen_at",
  "budget_reset_at", // follows from the window
  "allowed_models", // a customer's are its own field
]);
const SAID: Record<string, string> = { litellm_budget_table: "limits" };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isTold(value: unknown): boolean {
  return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Nested objects as one list of fields: `limits.max_budget`. */
function flat(values: Values, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(values ?? {})) {
    if (NOT_TOLD.has(name)) continue;
    const field = prefix + (SAID[name] ?? name);
    if (isObject(value)) for (const [inner, text] of flat(value, `${field}.`)) found.set(inner, text);
    else if (isTold(value)) found.set(field, writeExact(value));
  }
  return found;
}

/** What a change changed, field by field. */
export function differences(record: Pick<AuditRecord, "before_value" | "updated_values">): Difference[] {
  const before = flat(record.before_value);
  const after = flat(record.updated_values);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => before.get(field) !== after.get(field))
    .map((field) => ({ field, before: before.get(field), after: after.get(field) ?? "none" }));
}
