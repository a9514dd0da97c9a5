import { plotted } from "./money";
import type { Row } from "./series";

const STEPS = [1, 2, 2.5, 4, 5, 8, 10];
const PRECISE = 12;

/** The top of a chart's axis: a round number that is not below the largest value; 1 over nothing. */
export function niceTop(largest: number): number {
  if (!(largest > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(largest));
  const step = STEPS.find((one) => one * unit >= largest) ?? 10;
  return Number((step * unit).toPrecision(PRECISE)); // 0.0004, not 0.00039999999999999996
}

/** The points of a small line, from left to right, in a box of a width and a height; 0 is at the bottom. */
export function linePoints(values: readonly number[], width: number, height: number): string {
  const top = Math.max(...values, 0) || 1;
  const step = width / Math.max(values.length - 1, 1);
  const round = (value: number) => Math.round(value * 100) / 100;
  return values.map((value, at) => `${round(at * step)},${round(height - (value / top) * height)}`).join(" ");
}

/** The highest place that is drawn: of the stack of bars, or of the lines. */
export function highest(rows: readonly Row[], buckets: number, stacked: boolean): number {
  const places = rows.map(({ values }) => values.map(plotted));
  if (!stacked) return Math.max(0, ...places.flat());
  const stacks = Array.from({ length: buckets }, (_, at) =>
    places.reduce((sum, row) => sum + (row[at] ?? 0), 0),
  );
  return Math.max(0, ...stacks);
}
