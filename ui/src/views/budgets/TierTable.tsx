import { useCollection } from "@cloudscape-design/collection-hooks";
import Badge from "@cloudscape-design/components/badge";
import Pagination from "@cloudscape-design/components/pagination";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { parseAsString, useQueryState } from "nuqs";
import { useMemo } from "react";
import { useSession } from "../../app/session";
import { linkTo } from "../../app/url";
import { Lines } from "../../parts/Lines";
import { Link } from "../../parts/Link";
import { capText, capTexts, modelTexts, rateTexts } from "../../parts/limits/texts";
import { Nothing } from "../../parts/Panel";
import { instant } from "../../values/dates";
import { byLimit, having, type Tier } from "./tier";

const PAGE = 25;

function columns(zone: string): TableProps.ColumnDefinition<Tier>[] {
  return [
    {
      id: "budget_id",
      header: "Tier",
      isRowHeader: true,
      sortingField: "budget_id",
      cell: ({ budget_id }) => <Link href={linkTo("budgets", { id: budget_id })}>{budget_id}</Link>,
    },
    {
      id: "max_budget",
      header: "Budget",
      sortingComparator: (left, right) => byLimit(left.max_budget, right.max_budget),
      cell: (tier) => <span className="numbers">{capText(tier) || "–"}</span>,
    },
    {
      id: "windows",
      header: "Further windows",
      cell: (tier) => <Lines texts={capTexts({ ...tier, max_budget: null })} />,
    },
    {
      id: "rates",
      header: "Rates",
      sortingComparator: (left, right) => byLimit(left.rpm_limit, right.rpm_limit),
      cell: (tier) => <Lines texts={rateTexts(tier)} />,
    },
    { id: "models", header: "Single models", cell: (tier) => <Lines texts={modelTexts(tier)} /> },
    {
      id: "mode",
      header: "Mode",
      sortingField: "mode",
      cell: ({ mode }) => (
        <Badge color={mode === "observe" ? "blue" : "grey"}>
          {mode === "observe" ? "Observe" : "Strict"}
        </Badge>
      ),
    },
    {
      id: "updated_at",
      header: "Changed",
      sortingField: "updated_at",
      cell: ({ updated_at }) => instant(updated_at, zone),
    },
  ];
}

/** Tiers with their limits, to be filtered and sorted. */
export function TierTable({ tiers }: { tiers: readonly Tier[] }) {
  const { self } = useSession();
  const [sought, setSought] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ history: "replace" }),
  );
  const definitions = useMemo(() => columns(self.reporting_timezone), [self.reporting_timezone]);
  const { items, collectionProps, paginationProps } = useCollection(having(tiers, sought), {
    pagination: { pageSize: PAGE },
    sorting: { defaultState: { sortingColumn: definitions[0] as TableProps.ColumnDefinition<Tier> } },
  });
  return (
    <Table
      {...collectionProps}
      variant="borderless"
      items={items}
      trackBy="budget_id"
      columnDefinitions={definitions}
      ariaLabels={{ tableLabel: "Tiers" }}
      wrapLines
      empty={<Nothing>No tier has “{sought}” in its name.</Nothing>}
      filter={
        <TextFilter
          filteringText={sought}
          filteringPlaceholder="Find a tier"
          filteringAriaLabel="Find a tier"
          onChange={({ detail }) => void setSought(detail.filteringText)}
        />
      }
      pagination={tiers.length > PAGE ? <Pagination {...paginationProps} /> : null}
    />
  );
}
