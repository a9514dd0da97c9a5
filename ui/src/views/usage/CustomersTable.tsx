import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { parseAsStringLiteral, useQueryStates } from "nuqs";
import { useState } from "react";
import { pathOf, withCursor } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Leaderboard } from "../../api/types";
import { follow } from "../../app/follow";
import { linkTo, useFilters, useKept } from "../../app/url";
import { CustomerLink } from "../../parts/CustomerLink";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { useCursors } from "../../parts/useCursors";
import { count } from "../../values/format";
import { customerName, OTHERS, shortened } from "../../values/ids";
import { METRICS, type Summary } from "./customerMetrics";
import { useColumns } from "./useColumns";
import { useSummaries } from "./useSummaries";

const BY = ["spend", "requests", "tokens", "growth"] as const;
const ORDERS = ["desc", "asc"] as const;
const TOLD_APART = 50; // of everybody, when other filters ask for each customer's own counters
const MOST_COMPARED = 8;
const EVERYTHING = 1000;

const COLUMNS = [
  {
    id: "customer",
    header: "Customer",
    minWidth: 180,
    isRowHeader: true,
    cell: ({ leader }: Summary) => <CustomerLink id={leader.end_user_id} alias={leader.alias} />,
  },
  ...METRICS.map(({ id, name, by, wide, show: Show }) => ({
    id,
    header: <div className={wide ? "" : "end"}>{name}</div>,
    ariaLabel: () => name,
    ...(by ? { sortingField: by } : {}),
    cell: (row: Summary) => (
      <div className={wide ? "" : "numbers end"}>
        <Show {...row} />
      </div>
    ),
  })),
];

function useQuestion() {
  const { query, compare, customers, model, provider, api_key, endpoint, tz } = useFilters();
  const [{ sort: by, order }, sort] = useQueryStates(
    {
      sort: parseAsStringLiteral(BY).withDefault("spend"),
      order: parseAsStringLiteral(ORDERS).withDefault("desc"),
    },
    { history: "push" },
  );
  const each = Boolean(model || provider || api_key || endpoint || tz) && customers.length === 0;
  const apart = each ? TOLD_APART : null;
  return { query: { ...query, compare, by, sort_order: order, entity_limit: apart }, by, order, sort, apart };
}

/** The customers of the filters: what each spent, how that changed, and what is left of its budget. */
export default function CustomersTable() {
  const { query, by, order, sort, apart } = useQuestion();
  const columns = useColumns();
  const limit = columns.chosen.pageSize ?? 20;
  const question = pathOf("/customer/leaderboard", { ...query, limit });
  const cursors = useCursors(question);
  const asked = useApi<Leaderboard>(withCursor(question, cursors.cursor));
  const rows = useSummaries(asked);
  const [selected, setSelected] = useState<Summary[]>([]);
  const total = asked.data?.metadata.unique_customers;

  return (
    <Panel
      title="Customers"
      description={
        apart
          ? `The ${apart} who spent most overall, and all others.`
          : total === undefined
            ? " "
            : `${count(total)} with calls`
      }
      asked={asked}
      empty={({ results }) => results.length === 0}
      csv={pathOf("/customer/leaderboard", { ...query, limit: EVERYTHING })}
      height={520}
      actions={
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          <CompareButton selected={selected} />
          <Pager cursors={cursors} next={asked.data?.metadata.next_cursor} busy={asked.refreshing} />
          <CollectionPreferences {...columns.preferences} />
        </SpaceBetween>
      }
    >
      {() => (
        <Table
          variant="embedded"
          items={rows}
          trackBy={({ leader }) => leader.end_user_id}
          columnDefinitions={COLUMNS}
          columnDisplay={columns.display}
          sortingColumn={{ sortingField: by }}
          sortingDescending={order === "desc"}
          onSortingChange={({ detail }) =>
            void sort({
              sort: BY.find((one) => one === detail.sortingColumn.sortingField) ?? "spend",
              order: by === detail.sortingColumn.sortingField && order === "desc" ? "asc" : "desc",
            })
          }
          selectionType="multi"
          selectedItems={selected}
          isItemDisabled={({ leader }) => leader.end_user_id === OTHERS}
          onSelectionChange={({ detail }) => setSelected(detail.selectedItems)}
          ariaLabels={{
            tableLabel: "Customers",
            selectionGroupLabel: "Customers to compare",
            allItemsSelectionLabel: () => "Choose all on this page",
            itemSelectionLabel: (_, { leader }) =>
              `Choose ${shortened(customerName(leader.end_user_id, leader.alias))}`,
          }}
        />
      )}
    </Panel>
  );
}

function CompareButton({ selected }: { selected: readonly Summary[] }) {
  const kept = useKept();
  const customers = selected.map(({ leader }) => leader.end_user_id);
  const fits = customers.length >= 2 && customers.length <= MOST_COMPARED;
  return (
    <Button
      disabled={!fits}
      disabledReason={`Choose two to ${MOST_COMPARED} customers in the table.`}
      onClick={() => follow(linkTo("compare", { ...kept, customers }))}
    >
      {customers.length ? `Compare ${customers.length}` : "Compare"}
    </Button>
  );
}
