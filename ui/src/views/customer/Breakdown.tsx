import Table from "@cloudscape-design/components/table";
import type { Asked } from "../../api/hooks";
import type { OneSeries, Series } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { Share } from "../../parts/Share";
import { compactCount, count, exactMoney, money } from "../../values/format";
import { percent } from "../../values/money";
import { type Group, seriesName } from "../../values/series";
import { totalsCsv } from "../usage/measures";

type Props = { title: string; group: Group; asked: Asked<Series> };

/** What a customer spent on each model, or with each key. */
export default function Breakdown({ title, group, asked }: Props) {
  return (
    <Panel
      title={title}
      asked={asked}
      height={200}
      empty={({ series }) => series.length === 0}
      csv={(data) => totalsCsv(data, group)}
    >
      {(data) => (
        <Table
          variant="embedded"
          contentDensity="compact"
          items={data.series}
          trackBy="id"
          ariaLabels={{ tableLabel: title }}
          columnDefinitions={columns(group, data)}
        />
      )}
    </Panel>
  );
}

function columns(group: Group, data: Series) {
  return [
    {
      id: "name",
      header: title(group),
      isRowHeader: true,
      cell: (one: OneSeries) => <span title={one.id}>{seriesName(one, group)}</span>,
    },
    {
      id: "spend",
      header: <div className="end">Spend</div>,
      cell: ({ totals }: OneSeries) => (
        <div className="numbers end" title={exactMoney(totals.spend)}>
          {money(totals.spend)}
        </div>
      ),
    },
    {
      id: "share",
      header: "Share",
      cell: ({ totals }: OneSeries) => <Share of={percent(totals.spend, data.totals.spend)} />,
    },
    {
      id: "requests",
      header: <div className="end">Requests</div>,
      cell: ({ totals }: OneSeries) => <div className="numbers end">{count(totals.api_requests)}</div>,
    },
    {
      id: "tokens",
      header: <div className="end">Tokens</div>,
      cell: ({ totals }: OneSeries) => (
        <div className="numbers end" title={count(totals.total_tokens)}>
          {compactCount(totals.total_tokens)}
        </div>
      ),
    },
  ];
}

function title(group: Group): string {
  return group === "model" ? "Model" : "Key";
}
