import { nonsense, refusal, tooSlow, unreachable } from "./errors";
import { parseExact, writeExact } from "./json";

const PATIENCE_SECONDS = 30; // API Gateway itself gives up after 29
const MOST_CSV_PAGES = 200;
export type Query = Record<string, string | number | boolean | null | undefined>;

/** The API that this build of the page talks to, and the key it shows. */
export type Connection = { base: string; key: string };

/** A path with its query string; parameters without a value are left out. */
export function pathOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function answered(to: Connection, path: string, init: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE_SECONDS * 1000);
  const signal = init.signal ? AbortSignal.any([init.signal, patience]) : patience;
  const headers = { Authorization: `Bearer ${to.key}`, ...init.headers };
  try {
    return await fetch(`${to.base}${path}`, { ...init, headers, signal });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw patience.aborted ? tooSlow(PATIENCE_SECONDS) : unreachable();
  }
}

async function json(response: Response): Promise<unknown> {
  try {
    return parseExact(await response.text());
  } catch (error) {
    if (error instanceof DOMException) throw error;
    throw response.ok ? nonsense(response.status) : refusal(response.status, null);
  }
}

async function accepted<T>(response: Response): Promise<T> {
  const body = await json(response);
  if (!response.ok) throw refusal(response.status, body);
  return body as T;
}

/** Ask the API. Throws ApiError, or the abort of `signal`. */
export async function get<T>(to: Connection, path: string, signal?: AbortSignal): Promise<T> {
  return accepted(await answered(to, path, { signal: signal ?? null }));
}

/** A page of a list, the cursor of the next one, and how many there are in all, where that is known. */
export type Page<T> = { rows: T[]; next: string | null; total: number | null };

/** Ask for a list that says in its headers how to go on. Throws ApiError, or the abort of `signal`. */
export async function getPage<T>(to: Connection, path: string, signal?: AbortSignal): Promise<Page<T>> {
  const response = await answered(to, path, { signal: signal ?? null });
  const rows = await accepted<T[]>(response);
  const total = response.headers.get("x-total-count");
  return {
    rows,
    next: response.headers.get("x-next-cursor"),
    total: total ? Number.parseInt(total, 10) : null,
  };
}

async function getCsv(to: Connection, path: string): Promise<{ text: string; next: string | null }> {
  const response = await answered(to, path, { headers: { Accept: "text/csv" } });
  if (!response.ok) throw refusal(response.status, await json(response));
  return { text: await response.text(), next: response.headers.get("x-next-cursor") };
}

/** Ask for a view as CSV, page after page under one header. Throws ApiError, and Error for too many pages. */
export async function getText(to: Connection, path: string, most = MOST_CSV_PAGES): Promise<string> {
  const parts: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    if (parts.length === most)
      throw new Error("This is too much for one file: choose fewer days, or more filters.");
    const page = await getCsv(to, withCursor(path, cursor));
    parts.push(parts.length ? page.text.slice(page.text.indexOf("\n") + 1) : page.text);
    cursor = page.next;
  }
  return parts.join("");
}

/** The question for the page that a cursor stands for; "" is the first one. */
export function withCursor(path: string, cursor: string): string {
  if (!cursor) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${new URLSearchParams({ cursor })}`;
}

/** Change something. Throws ApiError. */
export async function post<T>(to: Connection, path: string, body: unknown): Promise<T> {
  return send(to, path, "application/json", writeExact(body));
}

/** Send a text as it is, such as a CSV file. Throws ApiError. */
export async function send<T>(to: Connection, path: string, type: string, body: string): Promise<T> {
  return accepted(await answered(to, path, { method: "POST", headers: { "Content-Type": type }, body }));
}

/** The same question as a command: the key stays in a variable, so that it can be pasted anywhere. */
export function asCurl(to: Connection, path: string): string {
  return `curl -H "Authorization: Bearer $TOLLGATE_KEY" "${to.base || location.origin}${path}"`;
}
