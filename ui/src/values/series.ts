import type { Measure, OneSeries } from "../api/types";
import { customerName, OTHERS, shortened, UNASSIGNED } from "./ids";
import { compare, type Exact, sum } from "./money";

/** One line or one layer of bars in a chart: a value for each bucket, null where there is none. */
export type Row = { id: string; title: string; colour: string; values: readonly (Exact | null)[] };

export const GROUPS = ["customer", "model", "provider", "api_key", "endpoint"] as const;
export type Group = (typeof GROUPS)[number];

export const OTHER_COLOUR = "var(--series-other)";
const COLOURS = 8; // --series-1 … --series-8 of page.css
const ID_SHOWN = 12;

function slot(id: string): number {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return hash % COLOURS;
}

/** A colour for each id, the same whatever their order, and mostly the same in whatever company. */
export function coloursOf(ids: readonly string[]): Map<string, string> {
  const taken = new Set<number>();
  const found = new Map<string, string>();
  for (const id of [...ids].sort()) {
    let place = slot(id);
    while (taken.size < COLOURS && taken.has(place)) place = (place + 1) % COLOURS;
    taken.add(place);
    found.set(id, `var(--series-${place + 1})`);
  }
  return found;
}

/** What a series is called: a customer's or key's alias, or its id. */
export function seriesName(one: Pick<OneSeries, "id" | "name">, group: Group): string {
  if (group === "customer" || one.id === OTHERS) return customerName(one.id, one.name);
  if (!one.id) return UNASSIGNED;
  return one.name || (group === "api_key" ? one.id.slice(0, ID_SHOWN) : one.id);
}

/** The series that have the most of a measure, the largest first, and all others as one. */
export function topRows(series: readonly OneSeries[], measure: Measure, group: Group, most = COLOURS): Row[] {
  const told = series.filter(({ other }) => !other);
  told.sort((left, right) => compare(right.totals[measure], left.totals[measure]));
  const shown = told.slice(0, most);
  const rest = [...told.slice(most), ...series.filter(({ other }) => other)];
  const colours = coloursOf(shown.map(({ id }) => id));
  const rows = shown.map((one) => ({
    id: one.id,
    title: shortened(seriesName(one, group)),
    colour: colours.get(one.id) ?? OTHER_COLOUR,
    values: one.points[measure],
  }));
  return rest.length ? [...rows, others(rest, measure)] : rows;
}

function others(rest: readonly OneSeries[], measure: Measure): Row {
  const [first] = rest;
  const values = first?.points[measure].map((_, at) => sum(rest.map((one) => one.points[measure][at]))) ?? [];
  return { id: OTHERS, title: "Others", colour: OTHER_COLOUR, values };
}
