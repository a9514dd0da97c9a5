import { bucketLabel, type Day, length, midnight, plusDays, type Range } from "./dates";

export const INTERVALS = ["hour", "day", "week"] as const;
export type Interval = (typeof INTERVALS)[number];

const MOST_DAYS_BY_HOUR = 14;
const MOST_DAYS_BY_DAY = 92;
const WEEK = 7;

/** Whether the hours of a range are still known, few enough to draw, and those of UTC, as they are counted. */
export function hasHours(range: Range, today: Day, kept: number, zone: string): boolean {
  const few = length(range) <= MOST_DAYS_BY_HOUR && range.start >= plusDays(today, 1 - kept);
  const days = few ? Array.from({ length: length(range) + 1 }, (_, at) => plusDays(range.start, at)) : [];
  return few && days.every((day) => midnight(day, zone).getUTCMinutes() === 0);
}

/** How a range is cut up: as chosen, or as suits its length. */
export function intervalOf(chosen: Interval | null, range: Range, hours: boolean): Interval {
  if (chosen === "hour") return hours ? "hour" : "day";
  if (chosen) return chosen;
  if (length(range) === 1 && hours) return "hour";
  return length(range) > MOST_DAYS_BY_DAY ? "week" : "day";
}

/** The days of one bar, within the range; null where there is nothing finer to see. */
export function daysOf(bucket: string, interval: Interval, range: Range, hours: boolean): Range | null {
  if (interval === "hour" || (interval === "day" && !hours)) return null;
  const last = interval === "week" ? plusDays(bucket, WEEK - 1) : bucket;
  return {
    start: bucket < range.start ? range.start : bucket,
    end: last > range.end ? range.end : last,
  };
}

/** A bar as its popover says it. */
export function bucketTitle(bucket: string, interval: Interval): string {
  return interval === "week" ? `Week of ${bucketLabel(bucket)}` : bucketLabel(bucket);
}
