import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { pathOf } from "../../api/client";
import { useSession } from "../../app/session";
import { useFilters } from "../../app/url";
import { type Range, rangeOf, today } from "../../values/dates";
import { bucketTitle, daysOf, hasHours, INTERVALS, type Interval, intervalOf } from "../../values/intervals";
import { GROUPS, type Group } from "../../values/series";

export const TABS = ["overview", "customers"] as const;
export type Tab = (typeof TABS)[number];
export const MEASURES = ["spend", "total_tokens", "api_requests"] as const;
export const BREAKDOWNS = ["model", "provider", "endpoint", "api_key"] as const;

const STATE = {
  tab: parseAsStringLiteral(TABS).withDefault("overview"),
  group: parseAsStringLiteral(GROUPS),
  metric: parseAsStringLiteral(MEASURES).withDefault("spend"),
  interval: parseAsStringLiteral(INTERVALS),
  by: parseAsStringLiteral(BREAKDOWNS).withDefault("model"),
  back: parseAsString, // the range from which the reader zoomed in
};

const APART = { customer: 8, model: 50, provider: 50, api_key: 50, endpoint: 50 } as const;

// What the few customers that are told apart have most of; of other groups, (nearly) all are told apart.
const RANKED = { spend: "", total_tokens: "tokens", api_requests: "requests" } as const;

/** What Usage shows, in the address beside the filters. */
export function useUsage() {
  const [state, set] = useQueryStates(STATE, { history: "push" });
  const filters = useFilters();
  const { hourly_retention_days: kept } = useSession().self;
  const day = today(filters.zone);
  const hours = hasHours(filters.days, day, kept, filters.zone);
  const interval = intervalOf(state.interval, filters.days, hours);
  const back = state.back === null ? null : rangeOf(state.back, day);

  function seriesPath(group: Group, every: Interval = interval): string {
    const { query } = filters;
    const compare = every === "hour" ? "none" : filters.compare; // whose hours may be gone, and are not drawn
    const asked = { ...query, compare, group_by: group, interval: every, limit: APART[group] };
    return pathOf("/customer/activity/series", {
      ...asked,
      by: group === "customer" ? RANKED[state.metric] : "",
    });
  }
  function zoomTo({ start, end }: Range): void {
    void filters.set({ range: `${start}..${end}` });
    void set({ interval: null, back: state.back ?? filters.range });
  }
  function zoomOut(): void {
    void filters.set({ range: state.back });
    void set({ interval: null, back: null });
  }
  /** How a bar is shown in more detail, if there is more of it. */
  function zoom(bucket: string) {
    const known = interval === "day" && hasHours({ start: bucket, end: bucket }, day, kept, filters.zone);
    const days = daysOf(bucket, interval, filters.days, known);
    const finer = interval === "week" ? "by day" : "by hour";
    return days && { text: `Show ${bucketTitle(bucket, interval)} ${finer}`, act: () => zoomTo(days) };
  }
  return {
    ...state,
    set,
    filters,
    hours,
    interval,
    seriesPath,
    zoom,
    back: zoomed(filters.days, back) && state.back,
    zoomOut,
  };
}

export type Usage = ReturnType<typeof useUsage>;

function zoomed(days: Range, before: Range | null): boolean {
  return before !== null && before.start <= days.start && days.end <= before.end;
}
