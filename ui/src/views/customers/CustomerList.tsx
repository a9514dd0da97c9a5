import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { parseAsString, useQueryState } from "nuqs";
import { useEffect } from "react";
import { pathOf } from "../../api/client";
import type { CustomerInfo } from "../../api/customers";
import { type Asked, useListPage } from "../../api/hooks";
import { useFilters } from "../../app/url";
import { CustomerLink } from "../../parts/CustomerLink";
import { csv } from "../../parts/downloads";
import { capTexts, rateTexts } from "../../parts/limits/texts";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { useCursors } from "../../parts/useCursors";
import { useDebounced } from "../../parts/useDebounced";
import { instant } from "../../values/dates";
import { count, exactMoney, money } from "../../values/format";
import { big } from "../../values/money";

type Row = Omit<CustomerInfo, "limits_source" | "budgets">;
const PAGE = 25;

/** Customers a page at a time, found by id or name. */
export function CustomerList() {
  const [search, setSearch] = useQueryState("search", parseAsString.withDefault(""));
  const { zone } = useFilters();
  const typed = useDebounced(search.trim());
  const question = pathOf("/customer/list", { search: typed, page_size: PAGE });
  const cursors = useCursors(question);
  const page = useListPage<Row>(question, cursors.cursor);
  const asked = { ...page, data: page.data?.rows };
  const next = page.data?.next;
  const goOn = page.data?.rows.length === 0 && !page.refreshing && next;
  const { next: follow } = cursors;
  // A page of a search may be empty before the last one.
  useEffect(() => {
    if (goOn) follow(goOn);
  }, [goOn, follow]);

  return (
    <Panel
      title="Customers"
      description={page.data?.total == null ? " " : `${count(page.data.total)} in all`}
      asked={asked as Asked<Row[]>}
      height={560}
      csv={(rows) => listCsv(rows)}
      actions={<Pager cursors={cursors} next={next} busy={page.refreshing} />}
    >
      {(rows) => (
        <SpaceBetween size="s">
          <Input
            type="search"
            value={search}
            placeholder="Search by id or name"
            ariaLabel="Search customers by id or name"
            clearAriaLabel="Clear the search"
            onChange={({ detail }) => void setSearch(detail.value || null)}
          />
          <Table
            variant="embedded"
            items={rows}
            trackBy="user_id"
            ariaLabels={{ tableLabel: "Customers" }}
            columnDefinitions={columns(zone)}
            empty={
              goOn
                ? "Looking further"
                : typed
                  ? "Nobody's id or name contains that."
                  : "No customers yet: the first call that names one makes it."
            }
          />
        </SpaceBetween>
      )}
    </Panel>
  );
}

function limitText({ budget_id, litellm_budget_table: table }: Row): string {
  if (budget_id) return `Tier ${budget_id}`;
  return table ? [...capTexts(table), ...rateTexts(table)].join(", ") || "Its own" : "–";
}

function columns(zone: string) {
  return [
    {
      id: "customer",
      header: "Customer",
      minWidth: 190,
      isRowHeader: true,
      cell: ({ user_id, alias }: Row) => <CustomerLink id={user_id} alias={alias} />,
    },
    {
      id: "status",
      header: "Status",
      cell: ({ blocked }: Row) => (
        <StatusIndicator type={blocked ? "stopped" : "success"}>
          {blocked ? "Blocked" : "Active"}
        </StatusIndicator>
      ),
    },
    {
      id: "spend",
      header: <div className="end">Total spend</div>,
      cell: ({ spend }: Row) => (
        <div className="numbers end" title={exactMoney(spend)}>
          {money(spend)}
        </div>
      ),
    },
    { id: "limits", header: "Limits", cell: limitText },
    { id: "seen", header: "Last seen", cell: ({ last_seen_at }: Row) => instant(last_seen_at, zone) },
    { id: "created", header: "Created", cell: ({ created_at }: Row) => instant(created_at, zone) },
  ];
}

function listCsv(rows: readonly Row[]): string {
  return csv(
    ["user_id", "alias", "blocked", "spend", "budget_id", "last_seen_at", "created_at"],
    rows.map((one) => [
      one.user_id,
      one.alias ?? "",
      String(one.blocked),
      big(one.spend).toFixed(),
      one.budget_id ?? "",
      one.last_seen_at ?? "",
      one.created_at,
    ]),
  );
}
