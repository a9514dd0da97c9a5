import { createParser, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs";
import { PRESETS, type Range, rangeOf, today } from "../values/dates";
import { joined, split } from "../values/ids";
import { useSession } from "./session";

/** The views, by the name that `page` has in the address; LiteLLM's `new_usage` is Usage. */
export const VIEWS = [
  "usage",
  "compare",
  "customer",
  "customers",
  "logs",
  "call",
  "budgets",
  "keys",
  "start",
] as const;
export type View = (typeof VIEWS)[number];

/** The view that the address names. */
export function useView(): View {
  const [page] = useQueryState("page", parseAsString.withDefault("usage"));
  return VIEWS.find((one) => one === page) ?? "usage";
}

/** A link to a view; everything but what is named is left at its default. */
export function linkTo(
  view: View,
  state: Record<string, string | readonly string[] | null | undefined> = {},
): string {
  const query = new URLSearchParams({ page: view });
  for (const [name, value] of Object.entries(state)) {
    if (typeof value === "string" && value) query.set(name, value);
    if (Array.isArray(value) && value.length) query.set(name, joined(value));
  }
  return `?${query}`;
}

export const parseAsIds = createParser({
  parse: (text: string) => split(text),
  serialize: (value: string[]) => joined(value),
  eq: (left, right) => joined(left) === joined(right),
});

export const COMPARE = ["none", "previous", "last_month"] as const;

const FILTERS = {
  range: parseAsString.withDefault("mtd"),
  tz: parseAsString,
  compare: parseAsStringLiteral(COMPARE).withDefault("previous"),
  customers: parseAsIds.withDefault([]),
  model: parseAsString,
  provider: parseAsString,
  api_key: parseAsString,
  endpoint: parseAsString,
};

/** What every view of usage filters by, kept in the address. */
export function useFilters() {
  const { self } = useSession();
  const [filters, set] = useQueryStates(FILTERS, { history: "push" });
  const zone = filters.tz ?? self.reporting_timezone;
  const day = today(zone);
  const range: Range = rangeOf(filters.range, day) ?? PRESETS.mtd(day);
  const query = {
    start_date: range.start,
    end_date: range.end,
    tz: filters.tz,
    end_user_ids: joined(filters.customers),
    model: filters.model,
    provider: filters.provider,
    api_key: filters.api_key,
    endpoint: filters.endpoint,
  };
  return { ...filters, set, zone, days: range, query };
}

export type Filters = ReturnType<typeof useFilters>;
