import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { ownCustomers, roleOf, useSession } from "../../app/session";
import { useFilters } from "../../app/url";
import { joined, UNASSIGNED } from "../../values/ids";

export const TABS = ["overview", "calls", "history", "invoices"] as const;
export type Tab = (typeof TABS)[number];

/** Which customer is shown, what of it, and for which days: all in the address. */
export function useCustomer() {
  const { self } = useSession();
  const role = roleOf(self);
  const [named] = useQueryState("id", parseAsString.withDefault(""));
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(TABS).withDefault("overview").withOptions({ history: "push" }),
  );
  const filters = useFilters();
  const id = named || (role === "customer" ? (ownCustomers(self)[0] ?? "") : UNASSIGNED);
  const query = {
    ...filters.query,
    end_user_ids: joined([id]),
    model: null,
    provider: null,
    api_key: null,
    endpoint: null,
  };
  return { id, known: id !== UNASSIGNED, admin: role === "admin", tab, setTab, filters, query };
}

export type Customer = ReturnType<typeof useCustomer>;
