import type { LogRow } from "../../api/logs";
import { className } from "../../values/calls";
import { count } from "../../values/format";

/** The classes of a call's usage that are part of what was sent: all but the plain input is told apart. */
const SENT = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "audio_in", "image_in"];
const GENERATED = ["output", "reasoning", "audio_out", "image_out"];

function parts(row: LogRow, classes: readonly string[]): string {
  const usage = row.metadata.usage_object ?? {};
  const used = classes.filter((name) => usage[name]);
  return used.map((name) => `${className(name)}: ${count(usage[name])}`).join("; ");
}

/** What the input is made of, cache reads and writes apart. */
export function inputTitle(row: LogRow): string {
  return parts(row, SENT);
}

export function outputTitle(row: LogRow): string {
  return parts(row, GENERATED);
}
