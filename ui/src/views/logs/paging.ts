import type { Query } from "../../api/client";
import type { LogPage } from "../../api/logs";
import { SORTS, type Sort } from "./filters";

/** A page that somebody came to by going on: of which question, its number, and where they came from. */
type Step = { question: string; number: number; before: string };

const steps = new Map<string, Step>(); // of this tab; a link to a page in the middle has none

/** The page in the address, unless it is known to be one of another question. */
export function pageOf(at: string, question: string): string {
  return steps.get(at)?.question === question || !steps.has(at) ? at : "";
}

/** Where the page after this one begins, as the address says it: a cursor, or a number where there are none. */
export function following(page: LogPage | undefined, at: string, question: string): string | null {
  if (!page?.has_more) return null;
  const next = page.next_cursor ?? String((Number(at) || 1) + 1);
  steps.set(next, { question, number: numberOf(at) + 1, before: at });
  return next;
}

/** Where the page before begins; the first one, where nobody knows. */
export function preceding(at: string): string {
  return steps.get(at)?.before ?? "";
}

/** Which page this is; 0 where a link led into the middle. */
export function numberOf(at: string): number {
  return at === "" ? 1 : (steps.get(at)?.number ?? (/^\d+$/.test(at) ? Number(at) : 0));
}

/** A page's place and order for the API. */
export function placeOf(at: string, sort: Sort, order: string, size: number): Query {
  const numbered = /^\d+$/.test(at);
  return {
    sort_by: sort === "time" && order === "desc" ? null : SORTS[sort],
    sort_order: order === "desc" ? null : order,
    page_size: size,
    page: numbered ? at : null,
    cursor: numbered ? null : at,
  };
}
