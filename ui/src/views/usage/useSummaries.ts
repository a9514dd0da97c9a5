import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { Forecasts, Leaderboard } from "../../api/types";
import { fitting, joined, OTHERS, UNASSIGNED } from "../../values/ids";
import type { Summary } from "./customerMetrics";

/** Add to the customers of a leaderboard what their month will come to. */
export function useSummaries(asked: Asked<Leaderboard>): Summary[] {
  const leaders = asked.data?.results ?? [];
  const ids = fitting(
    leaders.map((one) => one.end_user_id).filter((id) => id !== OTHERS && id !== UNASSIGNED),
  );
  const query = { end_user_ids: joined(ids), limit: ids.length };
  const forecast = useApi<Forecasts>(
    ids.length && !asked.refreshing ? pathOf("/customer/forecast", query) : null,
  );
  const months = new Map(forecast.data?.results.map((one) => [one.end_user_id, one]));
  const waiting = !forecast.data && !forecast.error;
  return leaders.map((leader) => ({
    leader,
    month: months.get(leader.end_user_id) ?? (waiting && ids.includes(leader.end_user_id) ? undefined : null),
    total: asked.data?.metadata.total_spend ?? 0,
  }));
}
