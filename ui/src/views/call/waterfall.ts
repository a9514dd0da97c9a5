import type { Timings } from "../../api/logs";

/** A stretch of a call's time, in milliseconds since it came. */
export type Stretch = { name: string; from: number; to: number };

/** What a call's time was spent on, without gaps; nothing while it is under way. */
export function stretches(timings: Timings): Stretch[] {
  const { started_at, closed_at, first_byte_after_ms: first = null, answered_after_ms: answered } = timings;
  if (!closed_at) return [];
  const closed = Math.max(Date.parse(closed_at) - Date.parse(started_at), answered ?? 0);
  if (answered === null) return [{ name: "Waiting, without an answer", from: 0, to: closed }];
  const began = first === null ? null : Math.min(first, answered);
  const answer =
    began === null
      ? [{ name: "Waiting and answer", from: 0, to: answered }]
      : [
          { name: "Waiting for the first byte", from: 0, to: began },
          { name: "Answer", from: began, to: answered },
        ];
  return [...answer, { name: "Booking", from: answered, to: closed }];
}

/** Where a stretch lies on the axis of its call, in per cent. */
export function placed({ from, to }: Stretch, whole: number): { left: number; width: number } {
  if (whole <= 0) return { left: 0, width: 0 };
  return { left: (from / whole) * 100, width: ((to - from) / whole) * 100 };
}
