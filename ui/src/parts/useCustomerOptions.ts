import { useEffect } from "react";
import { pathOf } from "../api/client";
import { useApi, usePages } from "../api/hooks";
import type { CustomerRow, Leaderboard } from "../api/types";
import { roleOf, useSession } from "../app/session";
import { firstOfMonth, today } from "../values/dates";
import { fitting, joined, OTHERS } from "../values/ids";
import { type CustomerOption, exactly, foundOptions, leadingOptions, matching } from "./customerOptions";
import { useDebounced } from "./useDebounced";

const LEADERS = { admin: 20, reader: 500 }; // readers have no search, so more of them to look through
const PAGE = 20;
const MOST_NAMED = 50;

type Status = "pending" | "loading" | "error" | "finished";
type Offered = {
  options: CustomerOption[];
  status: Status;
  typed: boolean;
  problem: string;
  more: () => void;
  reload: () => void;
};

function useMonth(): { start_date: string; end_date: string } {
  const { self } = useSession();
  const day = today(self.reporting_timezone);
  return { start_date: firstOfMonth(day), end_date: day };
}

/** Customers to choose from: who spent most this month, or those that what was typed finds. */
export function useCustomerOptions(open: boolean, text: string): Offered {
  const { self } = useSession();
  const month = useMonth();
  const admin = roleOf(self) === "admin";
  const typed = useDebounced(text.trim());
  const searching = admin && typed !== "";
  const leaderboard = pathOf("/customer/leaderboard", {
    ...month,
    limit: admin ? LEADERS.admin : LEADERS.reader,
  });
  const leaders = useApi<Leaderboard>(open && !searching ? leaderboard : null);
  const search = pathOf("/customer/list", { search: typed, match: "contains", page_size: PAGE });
  const pages = usePages<CustomerRow>(open && searching ? search : null);
  const { more, loadingMore, refreshing } = pages;
  const found = refreshing ? [] : pages.pages.flatMap(({ rows }) => rows);
  const nothingYet = searching && !refreshing && !pages.error && found.length === 0;
  useEffect(() => {
    if (nothingYet && more && !loadingMore) more(); // a page of a search may be empty before the last one
  }, [nothingYet, more, loadingMore]);

  const asked = searching ? pages : leaders;
  const late = typed !== text.trim();
  const known = searching
    ? foundOptions(found)
    : leadingOptions(matching(leaders.data?.results ?? [], typed));
  const waiting = late || asked.loading || asked.refreshing || loadingMore || (nothingYet && more !== null);
  const options = late ? [] : [...known, ...(waiting && known.length === 0 ? [] : exactly(typed, known))];
  return {
    options,
    status: asked.error ? "error" : waiting ? "loading" : searching && more ? "pending" : "finished",
    typed: typed !== "",
    problem: asked.error?.message ?? "",
    more: () => more?.(),
    reload: asked.reload,
  };
}

/** The names of customers chosen in the address, as far as calls of this month tell them. */
export function useAliases(ids: readonly string[]): Map<string, string> {
  const asked = fitting(ids).slice(0, MOST_NAMED);
  const query = { ...useMonth(), end_user_ids: joined(asked), limit: MOST_NAMED };
  const { data } = useApi<Leaderboard>(asked.length ? pathOf("/customer/leaderboard", query) : null);
  const named = (data?.results ?? []).filter(({ end_user_id }) => end_user_id !== OTHERS);
  return new Map(named.flatMap(({ end_user_id, alias }) => (alias ? [[end_user_id, alias]] : [])));
}
