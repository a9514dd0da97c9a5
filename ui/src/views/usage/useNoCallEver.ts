import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { Leaderboard, Series } from "../../api/types";
import type { Filters } from "../../app/url";
import { MOST_DAYS, plusDays, today } from "../../values/dates";

const EVERY_MS = 8000; // long enough to read that the call has arrived

/** Whether nobody has called yet, asked only where what is shown is empty; then looked at again until somebody has. */
export function useNoCallEver(shown: Asked<Series>, filters: Filters): boolean {
  const { start_date, end_date, tz, ...narrowed } = filters.query;
  const nothing = shown.data?.totals.api_requests === 0 && !Object.values(narrowed).some(Boolean);
  const day = today(filters.zone);
  const days = { start_date: plusDays(day, 1 - MOST_DAYS), end_date: day, limit: 1 };
  const ever = useApi<Leaderboard>(nothing ? pathOf("/customer/leaderboard", days) : null);
  const first = nothing && ever.data?.metadata.total_api_requests === 0;
  useApi<Series>(first ? shown.path : null, { every: EVERY_MS });
  return first;
}
