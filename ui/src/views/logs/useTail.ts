import { useEffect, useRef, useState } from "react";
import { get, pathOf, type Query } from "../../api/client";
import { ApiError } from "../../api/errors";
import type { LogRow, LogTail } from "../../api/logs";
import { useSession } from "../../app/session";
import { fresh, merged } from "./tail";

const EVERY_MS = 2_000;
const AFTER_ERROR_MS = 5_000;
const BEGIN = "now";

export type Tail = { rows: readonly LogRow[]; news: string; error: ApiError | null };
const NOTHING: Tail = { rows: [], news: "", error: null };

/** Calls as they begin and end since `live`, the newest first; while paused, what came before stays. */
export function useTail(filters: Query, live: boolean, paused: boolean): Tail {
  const { to } = useSession();
  const [tail, setTail] = useState(NOTHING);
  const since = useRef(BEGIN);

  useEffect(() => {
    since.current = BEGIN;
    setTail(NOTHING);
  }, [filters, live]);

  useEffect(() => {
    if (!live || paused) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout>;

    async function ask(): Promise<void> {
      const query = since.current === BEGIN ? { ...filters, since: BEGIN } : { since: since.current };
      let wait = EVERY_MS;
      try {
        const came = await get<LogTail>(
          to,
          pathOf("/spend/logs/v2", { ...query, page_size: 200 }),
          stop.signal,
        );
        since.current = came.next_since;
        setTail((before) => added(before, came.data));
        if (came.has_more) wait = 0;
      } catch (error) {
        if (!(error instanceof ApiError)) return;
        if (error.status === 400) since.current = BEGIN; // a cursor of yesterday
        setTail((before) => ({ ...before, error }));
        wait = AFTER_ERROR_MS;
      }
      timer = setTimeout(() => void ask(), wait);
    }

    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [to, filters, live, paused]);
  return tail;
}

function added(before: Tail, came: readonly LogRow[]): Tail {
  if (!came.length) return before.error ? { ...before, error: null } : before;
  const many = fresh(before.rows, came);
  const news = many ? `${many} new ${many === 1 ? "call" : "calls"}` : before.news;
  return { rows: merged(before.rows, came), news, error: null };
}
