/** The windows that have a name, as the API writes them. */
export const WINDOWS = [
  { value: "1h", label: "Hour" },
  { value: "1d", label: "Day" },
  { value: "7d", label: "Week, from Monday" },
  { value: "1mo", label: "Month" },
] as const;

const NAMES: Record<string, string> = {
  "1h": "hour",
  "60m": "hour",
  hourly: "hour",
  "1d": "day",
  "24h": "day",
  daily: "day",
  "7d": "week",
  "1w": "week",
  weekly: "week",
  "1mo": "month",
  "30d": "month",
  monthly: "month",
};
const UNITS: Record<string, string> = {
  s: "seconds",
  m: "minutes",
  h: "hours",
  d: "days",
  w: "weeks",
  mo: "months",
};
const DURATION = /^([1-9]\d{0,4})(s|m|h|d|w|mo)$/;

export function isDuration(text: string): boolean {
  return Object.hasOwn(NAMES, text) || DURATION.test(text);
}

/** A window as people say it: `each day`, `every 10 days`; without one, `in all`. */
export function each(duration: string | null): string {
  if (!duration) return "in all";
  if (NAMES[duration]) return `each ${NAMES[duration]}`;
  const [, number, unit] = DURATION.exec(duration) ?? [];
  return number && unit ? `every ${number} ${UNITS[unit]}` : duration;
}
