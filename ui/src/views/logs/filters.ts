import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useMemo } from "react";
import { pathOf, type Query } from "../../api/client";
import { useFilters } from "../../app/url";
import { midnight, PRESETS, plusDays, type Range, today } from "../../values/dates";
import { joined } from "../../values/ids";

/** What may be sorted by: the column, and what the API calls it. */
export const SORTS = {
  time: "startTime",
  ended: "endTime",
  spend: "spend",
  tokens: "total_tokens",
  duration: "request_duration_ms",
  model: "model",
} as const;
export type Sort = keyof typeof SORTS;

const STATE = {
  end_user: parseAsString.withDefault(""),
  status: parseAsStringLiteral(["success", "failure"]),
  session: parseAsString.withDefault(""),
  tag: parseAsString.withDefault(""),
  min: parseAsString.withDefault(""),
  max: parseAsString.withDefault(""),
  request_id: parseAsString.withDefault(""),
  sort: parseAsStringLiteral(Object.keys(SORTS) as Sort[]).withDefault("time"),
  order: parseAsStringLiteral(["asc", "desc"]).withDefault("desc"),
  at: parseAsString.withDefault(""),
  live: parseAsBoolean.withDefault(false),
};

/** The days of a range as the logs take them: days of the reporting zone, moments (UTC) of any other. */
export function logRange(
  range: Range,
  zone: string,
  reporting: string,
): { start_date: string; end_date: string } {
  if (zone === reporting) return { start_date: range.start, end_date: range.end };
  const end = midnight(plusDays(range.end, 1), zone).getTime() - 1000;
  return { start_date: moment(midnight(range.start, zone).getTime()), end_date: moment(end) };
}

function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/** What the logs are filtered by and how they are shown, all of it in the address. */
export function useLogFilters(reporting: string) {
  const shared = useFilters();
  const [own, set] = useQueryStates(STATE, { history: "push" });
  const { zone } = shared;
  const days = own.live ? PRESETS.today(today(zone)) : shared.days;
  const asked: Query = {
    end_user: own.end_user,
    api_key: shared.api_key,
    model: shared.model,
    custom_llm_provider: shared.provider,
    status_filter: own.status,
    session_id: own.session,
    tag: own.tag,
    min_spend: own.min,
    max_spend: own.max,
  };
  const ranged: Query = { ...logRange(days, zone, reporting), ...asked, request_id: own.request_id };
  /** Whether the counters know the sums: nobody counts by session, tag, status, spend or request. */
  const counted = !(own.status || own.session || own.tag || own.min || own.max || own.request_id);
  const series = pathOf("/customer/activity/series", {
    ...shared.query,
    start_date: days.start,
    end_date: days.end,
    end_user_ids: own.end_user && joined([own.end_user]),
    endpoint: null,
  });
  const key = JSON.stringify(asked);
  const tail = useMemo(() => JSON.parse(key) as Query, [key]);
  return { shared, own, set, tail, ranged, counted, series };
}

export type LogFilters = ReturnType<typeof useLogFilters>;
