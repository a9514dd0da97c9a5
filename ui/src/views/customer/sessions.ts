import type { LogRow } from "../../api/logs";
import { type Exact, sum } from "../../values/money";

/** The calls of one session among some calls. */
export type Session = {
  id: string;
  calls: number;
  failed: number;
  spend: Exact;
  first: string;
  last: string;
  models: string[];
};

/** Calls by their session, the latest first; calls without one are left out. */
export function sessionsOf(calls: readonly LogRow[]): Session[] {
  const found = new Map<string, LogRow[]>();
  for (const call of calls)
    if (call.session_id) found.set(call.session_id, [...(found.get(call.session_id) ?? []), call]);
  return [...found]
    .map(([id, rows]) => {
      const times = rows.map(({ startTime }) => startTime).sort();
      return {
        id,
        calls: rows.length,
        failed: rows.filter(({ status }) => status === "failure").length,
        spend: sum(rows.map(({ spend }) => spend)),
        first: times[0] ?? "",
        last: times.at(-1) ?? "",
        models: [...new Set(rows.map(({ model }) => model))],
      };
    })
    .sort((left, right) => right.last.localeCompare(left.last));
}
