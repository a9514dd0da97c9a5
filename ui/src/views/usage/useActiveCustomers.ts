import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Leaderboard, Series } from "../../api/types";
import type { Filters } from "../../app/url";

const MOST_NARROWED = 2000; // whose counters the API reads one by one, as every filter but the days needs
const MOST_BY_DAY = 5000; // counting them by day reads each one's every day, which a sparkline is not worth
type Daily = { results: { unique_customers: number }[] };

/** How many customers called, before, and by day; the last two are asked for after everything else. */
export function useActiveCustomers(
  { query, customers }: Filters,
  shown: Series | undefined,
  wanted: boolean,
) {
  const { start_date, end_date, end_user_ids, ...others } = query;
  const narrowed = customers.length === 0 && Object.values(others).some(Boolean);
  const unique = (asked: object | null) => asked && pathOf("/customer/leaderboard", { ...asked, limit: 1 });
  const everybody = useApi<Leaderboard>(unique(wanted && narrowed ? { start_date, end_date } : null));
  const found = everybody.data?.metadata.unique_customers;
  const tooMany = narrowed && found !== undefined && found > MOST_NARROWED;
  const asks = wanted && (!narrowed || (found !== undefined && !tooMany));
  const days = shown?.previous && {
    start_date: shown.previous.start_date,
    end_date: shown.previous.end_date,
  };
  const now = useApi<Leaderboard>(unique(asks ? query : null));
  const before = useApi<Leaderboard>(unique(asks && days ? { ...query, ...days } : null));
  const unique_customers = asks ? now.data?.metadata.unique_customers : undefined;
  const few = unique_customers !== undefined && unique_customers <= MOST_BY_DAY;
  const daily = useApi<Daily>(few && shown ? pathOf("/customer/daily/totals", query) : null);
  return {
    tooMany,
    now: unique_customers,
    before: days ? before.data?.metadata.unique_customers : undefined,
    daily: few ? daily.data?.results.map((day) => day.unique_customers) : undefined,
    error: now.error ?? everybody.error,
    refreshing: now.refreshing,
  };
}
