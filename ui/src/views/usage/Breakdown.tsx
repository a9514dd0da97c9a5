import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { Asked } from "../../api/hooks";
import type { OneSeries, Series } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { Share } from "../../parts/Share";
import { count, exactMoney, money, percentage } from "../../values/format";
import { type Amount, compare, percent } from "../../values/money";
import { perMillion } from "../../values/ratio";
import { seriesName } from "../../values/series";
import { GROUP_NAMES, totalsCsv } from "./measures";
import { BREAKDOWNS, type Usage } from "./state";

type By = (typeof BREAKDOWNS)[number];
type Item = OneSeries & { share: number; success: number; price: Amount };

/** What was spent on each model, provider, endpoint or key. */
export function Breakdown({ usage, asked }: { usage: Usage; asked: Asked<Series> }) {
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
            label="Told apart by"
            selectedId={by}
            options={BREAKDOWNS.map((id) => ({ id, text: GROUP_NAMES[id] }))}
            onChange={({ detail }) => void set({ by: detail.selectedId as By })}
          />
          <Rows data={data} only={(name, id) => void usage.filters.set({ [name]: id })} />
        </SpaceBetween>
      )}
    </Panel>
  );
}

function Rows({ data, only }: { data: Series; only: (by: By, id: string) => void }) {
  const by = data.group_by as By;
  const items = data.series.map((one) => ({
    ...one,
    share: percent(one.totals.spend, data.totals.spend),
    success: percent(one.totals.successful_requests, one.totals.api_requests),
    price: perMillion(one.totals.spend, one.totals.total_tokens),
  }));
  const columns = columnsOf(by, only);
  const [, , spend] = columns;
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

function columnsOf(by: By, only: (by: By, id: string) => void): TableProps.ColumnDefinition<Item>[] {
  const number = (
    id: string,
    header: string,
    value: (one: Item) => Amount,
    show: (one: Item) => string,
    exact?: (one: Item) => string,
  ) => ({
    id,
    header,
    cell: (one: Item) => (
      <span className="numbers" title={exact?.(one)}>
        {show(one)}
      </span>
    ),
    sortingComparator: (left: Item, right: Item) => compare(value(left), value(right)),
    sortingField: id,
    align: "end" as const,
  });
  return [
    {
      id: "name",
      header: GROUP_NAMES[by],
      minWidth: 160,
      isRowHeader: true,
      cell: (one) => {
        const name = seriesName(one, by);
        if (one.other || !one.id) return name;
        return (
          <Button variant="inline-link" ariaLabel={`Show only ${name}`} onClick={() => only(by, one.id)}>
            {name}
          </Button>
        );
      },
      sortingComparator: (left, right) => seriesName(left, by).localeCompare(seriesName(right, by)),
    },
    { id: "share", header: "Share of spend", cell: (one) => <Share of={one.share} />, minWidth: 150 },
    number(
      "spend",
      "Spend",
      ({ totals }) => totals.spend,
      ({ totals }) => money(totals.spend),
      ({ totals }) => exactMoney(totals.spend),
    ),
    number(
      "requests",
      "Requests",
      ({ totals }) => totals.api_requests,
      ({ totals }) => count(totals.api_requests),
    ),
    number(
      "success",
      "Success",
      ({ success }) => success,
      ({ success, totals }) => (totals.api_requests ? percentage(success) : "–"),
    ),
    number(
      "tokens",
      "Tokens",
      ({ totals }) => totals.total_tokens,
      ({ totals }) => count(totals.total_tokens),
    ),
    number(
      "price",
      "Per 1M tokens",
      ({ price }) => price,
      ({ price }) => (price === null ? "–" : money(price)),
      ({ price }) => exactMoney(price),
    ),
  ];
}
