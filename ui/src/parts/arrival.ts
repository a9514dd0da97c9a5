import { pathOf } from "../api/client";
import type { ApiError } from "../api/errors";
import { useApi } from "../api/hooks";
import type { Exact } from "../values/money";

const EVERY_MS = 3000;
const LOGS = "/spend/logs/v2";

/** A row of the spend logs, as far as it is told here; a call that is under way has no end. */
export type Arrival = {
  request_id: string;
  end_user: string;
  model: string;
  spend: Exact;
  status: string;
  endTime: string | null;
};
type Tail = { data: Arrival[]; next_since: string };

/** The first call that came since this was mounted, asked for every few seconds until it is there. */
export function useArrival(): { call: Arrival | null; error: ApiError | null } {
  const begun = useApi<Tail>(pathOf(LOGS, { since: "now" }));
  const since = begun.data?.next_since;
  const path = since ? pathOf(LOGS, { since }) : null;
  const found = useApi<Tail>(path, { every: (tail) => (over(tail) ? false : EVERY_MS) });
  return { call: over(found.data) ?? null, error: begun.error ?? found.error };
}

function over(tail: Tail | undefined): Arrival | undefined {
  return tail?.data.find((call) => call.endTime);
}
