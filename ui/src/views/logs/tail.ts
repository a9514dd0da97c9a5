import type { LogRow } from "../../api/logs";

const MOST = 200;

/** What is shown after some calls came: each once, as it was told of last, the newest first. */
export function merged(shown: readonly LogRow[], came: readonly LogRow[]): LogRow[] {
  const rows = new Map([...shown, ...came].map((row) => [row.request_id, row]));
  const newest = [...rows.values()].sort((left, right) => (left.request_id < right.request_id ? 1 : -1));
  return newest.slice(0, MOST);
}

/** How many calls came that were not shown before. */
export function fresh(shown: readonly LogRow[], came: readonly LogRow[]): number {
  const known = new Set(shown.map((row) => row.request_id));
  return new Set(came.filter((row) => !known.has(row.request_id)).map((row) => row.request_id)).size;
}
