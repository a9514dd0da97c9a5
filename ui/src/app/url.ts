import { createParser, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs";
import { comparedStart, isZone, PRESETS, plusDays, rangeOf, today } from "../values/dates";
import { joined, split } from "../values/ids";
import { useSession } from "./session";

/** The views, by the name that `page` has in the address; LiteLLM's `new_usage` is Usage. */
const VIEWS = [
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

const parseAsIds = createParser({
  parse: (text: string) => split(text),
  serialize: (value: string[]) => joined(value),
  eq: (left, right) => joined(left) === joined(right),
});

export const COMPARE = ["none", "previous", "last_month"] as const;

const parseAsZone = createParser({
  parse: (text: string) => (isZone(text) ? text : null),
  serialize: (zone: string) => zone,
});

const FILTERS = {
  range: parseAsString.withDefault("mtd"),
  tz: parseAsZone,
  compare: parseAsStringLiteral(COMPARE).withDefault("previous"),
  customers: parseAsIds.withDefault([]),
  model: parseAsString,
  provider: parseAsString,
  api_key: parseAsString,
  endpoint: parseAsString,
};

/** What links between views keep of the address: the days, and how they are read. */
export function useKept() {
  const [{ range, compare, tz }] = useQueryStates(FILTERS);
  return {
    range: range === FILTERS.range.defaultValue ? null : range,
    compare: compare === FILTERS.compare.defaultValue ? null : compare,
    tz,
  };
}

/** What every view of usage filters by, kept in the address. */
export function useFilters() {
  const { self } = useSession();
  const [filters, set] = useQueryStates(FILTERS, { history: "push" });
  const zone = filters.tz ?? self.reporting_timezone;
  const day = today(zone);
  const named = rangeOf(filters.range, day);
  const days = named ?? PRESETS.mtd(day);
  const { compare } = filters;
  const kept = plusDays(day, 1 - self.hourly_retention_days); // other zones' days are made of hours
  const known =
    compare === "none" || zone === self.reporting_timezone || comparedStart(days, compare) >= kept;
  const query = {
    start_date: days.start,
    end_date: days.end,
    tz: filters.tz,
    end_user_ids: joined(filters.customers),
    model: filters.model,
    provider: filters.provider,
    api_key: filters.api_key,
    endpoint: filters.endpoint,
  };
  return {
    ...filters,
    range: named ? filters.range : "mtd",
    /** What is compared with, as far as that is known in this zone; `chosenCompare` is what the reader chose. */
    compare: known ? compare : ("none" as const),
    chosenCompare: compare,
    set,
    zone,
    days,
    query,
  };
}

export type Filters = ReturnType<typeof useFilters>;
