import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { Asked } from "../../api/hooks";
import type { OneSeries, Series } from "../../api/types";
import { useFilters } from "../../app/url";
import { Panel } from "../../parts/Panel";
import { Share } from "../../parts/Share";
import { count, exactMoney, money, percentage } from "../../values/format";
import { type Amount, compare, percent, plotted } from "../../values/money";
import { perMillion } from "../../values/ratio";
import { seriesName } from "../../values/series";
import { GROUP_NAMES, totalsCsv } from "./measures";
import { BREAKDOWNS, type Usage } from "./state";

type By = (typeof BREAKDOWNS)[number];
type Item = OneSeries & { share: number; success: number | null; price: Amount };

/** What was spent on each model, provider, endpoint or key. */
export default function Breakdown({ usage, asked }: { usage: Usage; asked: Asked<Series> }) {
  const { by, set } = usage;
  return (
    <Panel
      title={`Spend by ${GROUP_NAMES[by].toLowerCase()}`}
      asked={asked}
      height={360}
      empty={({ series }) => series.length === 0}
      csv={(data) => totalsCsv(data, by)}
    >
      {(data) => (
        <SpaceBetween size="s">
          <SegmentedControl
            label="Group by"
            selectedId={by}
            options={BREAKDOWNS.map((id) => ({ id, text: GROUP_NAMES[id] }))}
            onChange={({ detail }) => void set({ by: detail.selectedId as By })}
          />
          <Rows data={data} />
        </SpaceBetween>
      )}
    </Panel>
  );
}

function Rows({ data }: { data: Series }) {
  const by = data.group_by as By;
  const items = data.series.map((one) => ({
    ...one,
    share: percent(one.totals.spend, data.totals.spend),
    success: one.totals.api_requests
      ? percent(one.totals.successful_requests, one.totals.api_requests)
      : null,
    price: perMillion(one.totals.spend, one.totals.total_tokens),
  }));
  const columns = COLUMNS[by];
  const [, spend] = columns;
  const sorted = useCollection(items, {
    sorting: spend ? { defaultState: { sortingColumn: spend, isDescending: true } } : {},
  });
  return (
    <Table
      {...sorted.collectionProps}
      items={sorted.items}
      columnDefinitions={columns}
      variant="embedded"
      contentDensity="compact"
      ariaLabels={{ tableLabel: `Spend by ${GROUP_NAMES[by].toLowerCase()}` }}
      trackBy="id"
    />
  );
}

function Name({ one, by }: { one: Item; by: By }) {
  const { set } = useFilters();
  const name = seriesName(one, by);
  if (one.other || !one.id) return name;
  return (
    <Button variant="inline-link" ariaLabel={`Show only ${name}`} onClick={() => void set({ [by]: one.id })}>
      {name}
    </Button>
  );
}

function number(
  id: string,
  header: string,
  value: (one: Item) => Amount,
  show: (value: Amount) => string,
  exact: (value: Amount) => string = show,
): TableProps.ColumnDefinition<Item> {
  const shown = (one: Item, as: typeof show) => (value(one) === null ? "–" : as(value(one)));
  return {
    id,
    header: <div className="end">{header}</div>,
    cell: (one) => (
      <div className="numbers end" title={shown(one, exact)}>
        {shown(one, show)}
      </div>
    ),
    sortingComparator: (left, right) => compare(value(left), value(right)),
  };
}

function columnsOf(by: By): TableProps.ColumnDefinition<Item>[] {
  return [
    {
      id: "name",
      header: GROUP_NAMES[by],
      minWidth: 160,
      isRowHeader: true,
      cell: (one) => <Name one={one} by={by} />,
      sortingComparator: (left, right) => seriesName(left, by).localeCompare(seriesName(right, by)),
    },
    number("spend", "Spend", ({ totals }) => totals.spend, money, exactMoney),
    { id: "share", header: "Share of spend", cell: (one) => <Share of={one.share} />, minWidth: 150 },
    number("requests", "Requests", ({ totals }) => totals.api_requests, count),
    number(
      "success",
      "Success",
      ({ success }) => success,
      (value) => percentage(plotted(value)),
    ),
    number("tokens", "Tokens", ({ totals }) => totals.total_tokens, count),
    number("price", "Per 1M tokens", ({ price }) => price, money, exactMoney),
  ];
}

// Made once: Cloudscape knows the sorted column by its comparator.
const COLUMNS = Object.fromEntries(BREAKDOWNS.map((by) => [by, columnsOf(by)])) as Record<
  By,
  TableProps.ColumnDefinition<Item>[]
>;
