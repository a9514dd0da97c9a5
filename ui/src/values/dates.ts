import { LOCALE } from "./format";

/** A calendar day as the API writes it: YYYY-MM-DD. */
export type Day = string;
export type Range = { start: Day; end: Day };

const MS_OF_DAY = 86_400_000;

export function today(zone: string, now: Date = new Date()): Day {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(now);
}

export function plusDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * MS_OF_DAY).toISOString().slice(0, 10);
}

export function firstOfMonth(day: Day): Day {
  return `${day.slice(0, 8)}01`;
}

/** How many days a range has, both ends included. */
export function length({ start, end }: Range): number {
  return (Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / MS_OF_DAY + 1;
}

/** Whether a name is a time zone's. */
export function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/** The ranges that have a name, seen from today. */
export const PRESETS = {
  today: (day: Day): Range => ({ start: day, end: day }),
  "7d": (day: Day): Range => ({ start: plusDays(day, -6), end: day }),
  "30d": (day: Day): Range => ({ start: plusDays(day, -29), end: day }),
  mtd: (day: Day): Range => ({ start: firstOfMonth(day), end: day }),
  last_month: (day: Day): Range => {
    const end = plusDays(firstOfMonth(day), -1);
    return { start: firstOfMonth(end), end };
  },
  ytd: (day: Day): Range => ({ start: `${day.slice(0, 4)}-01-01`, end: day }),
} as const;

export type Preset = keyof typeof PRESETS;

export function isPreset(text: string): text is Preset {
  return Object.hasOwn(PRESETS, text);
}

export const PRESET_NAMES: Record<Preset, string> = {
  today: "Today",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  mtd: "Month to date",
  last_month: "Last month",
  ytd: "Year to date",
};

/** How many days the API answers at once. */
export const MOST_DAYS = 400;

/** The day of an instant where the reader is, as calendars count. */
export function localDay(date: Date): Day {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** The same day of an earlier month, or that month's last one. */
function monthsBefore(day: Day, months: number): Day {
  const first = new Date(`${firstOfMonth(day)}T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() - months);
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return plusDays(first.toISOString().slice(0, 10), Math.min(Number(day.slice(8)), last) - 1);
}

/** The first day of what a range is compared with. */
export function comparedStart(range: Range, to: "previous" | "last_month"): Day {
  return to === "previous" ? plusDays(range.start, -length(range)) : monthsBefore(range.start, 1);
}

/** The last so many days, weeks or months, today included. */
export function rangeBack(amount: number, unit: "day" | "week" | "month", day: Day): Range {
  if (unit !== "month") return { start: plusDays(day, 1 - amount * (unit === "week" ? 7 : 1)), end: day };
  return { start: plusDays(monthsBefore(day, amount), 1), end: day };
}

const DAYS = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;

function isDay(text: string): boolean {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}

/** What a `range` of the address names: a preset, or `2026-11-01..2026-11-30`; null for neither. */
export function rangeOf(text: string, day: Day): Range | null {
  if (isPreset(text)) return PRESETS[text](day);
  const [, start, end] = DAYS.exec(text) ?? [];
  return start && end && isDay(start) && isDay(end) && start <= end ? { start, end } : null;
}

const dayFormat = new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", day: "numeric", month: "short" });

/** A bucket of a chart (a day, a Monday, or an hour such as 2026-11-01T13) as its axis says it. */
export function bucketLabel(bucket: string): string {
  const day = dayFormat.format(new Date(`${bucket.slice(0, 10)}T00:00:00Z`));
  return bucket.length > 10 ? `${day} ${bucket.slice(11, 13)}:00` : day;
}

/** An instant of the API in a zone, to the second. */
export function instant(text: string | null | undefined, zone: string): string {
  if (!text) return "–";
  return new Intl.DateTimeFormat(LOCALE, { timeZone: zone, dateStyle: "medium", timeStyle: "medium" }).format(
    new Date(text),
  );
}

/** When a day begins in a zone. */
export function midnight(day: Day, zone: string): Date {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const guess = utc - offset(utc, zone);
  const other = utc - offset(guess, zone); // the clocks may change between the two
  const first = Math.min(guess, other);
  return new Date(today(zone, new Date(first)) === day ? first : Math.max(guess, other)); // or skip midnight
}

/** How far a zone's clocks are ahead of UTC at an instant; ms. */
function offset(at: number, zone: string): number {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return Date.parse(`${shown.format(new Date(at)).replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
}

/** An instant for a table: without its year, which the range above it names. */
export function shortInstant(text: string, zone: string): string {
  return new Intl.DateTimeFormat(LOCALE, {
    timeZone: zone,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(new Date(text));
}

const shortDay = new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", dateStyle: "medium" });

/** A range in words: 1 – 27 Nov 2026. */
export function rangeLabel({ start, end }: Range): string {
  return shortDay.formatRange(new Date(`${start}T00:00:00Z`), new Date(`${end}T00:00:00Z`));
}

/** A `range` of the address in words: its name, or its days; without the year where it is this one. */
export function rangeName(text: string, now: Day = ""): string {
  if (isPreset(text)) return PRESET_NAMES[text];
  const [start = "", end = ""] = text.split("..");
  if (!isDay(start) || !isDay(end)) return text;
  const label = rangeLabel({ start, end });
  const [year = ""] = now.split("-");
  return year && start.startsWith(year) && end.startsWith(year) ? label.replace(`, ${year}`, "") : label;
}
