import type { Refusals, Series } from "../../api/types";
import { big, type Exact } from "../../values/money";
import { coloursOf, type Row } from "../../values/series";

/** The classes of tokens that are drawn, from what goes in to what comes out. */
const CLASSES: readonly (readonly [string, string])[] = [
  ["input", "Input"],
  ["cache_read", "Cache read"],
  ["cache_write_5m", "Cache write, 5 min"],
  ["cache_write_1h", "Cache write, 1 h"],
  ["output", "Output"],
  ["reasoning", "Reasoning"],
  ["audio_in", "Audio in"],
  ["audio_out", "Audio out"],
  ["image_in", "Images in"],
  ["image_out", "Images out"],
];
const COLOURS = 8;

/** Tokens by class, those without any left out. */
export function tokenRows({ points, totals }: Pick<Series, "points" | "totals">): Row[] {
  const used = CLASSES.filter(([name]) => totals[name] !== undefined && !big(totals[name] as Exact).eq(0));
  return used.map(([id, title]) => ({
    id,
    title,
    colour: `var(--series-${(CLASSES.findIndex(([name]) => name === id) % COLOURS) + 1})`,
    values: points[id] ?? [],
  }));
}

/** Refused calls by reason, in the API's words made readable. */
export function refusalRows({ series }: Pick<Refusals, "series">): Row[] {
  const colours = coloursOf(series.map(({ id }) => id));
  return series.map(({ id, points }) => ({
    id,
    title: readable(id),
    colour: colours.get(id) ?? "",
    values: points,
  }));
}

function readable(reason: string): string {
  const text = reason.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
