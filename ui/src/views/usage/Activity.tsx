import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { Refusals, Series } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { TimeChart } from "../../parts/TimeChart";
import { compactCount, count, duration, percentage } from "../../values/format";
import { bucketTitle } from "../../values/intervals";
import { plotted } from "../../values/money";
import { percents, quotients } from "../../values/ratio";
import type { Row } from "../../values/series";
import { refusalRows, tokenRows } from "./activityRows";
import { chartCsv } from "./measures";
import type { Usage } from "./state";

type Chart = {
  title: string;
  kind: "bar" | "line";
  rows: (data: Series) => Row[];
  show: (value: Parameters<typeof count>[0]) => string;
  mark: (value: number) => string;
  top?: number;
};

const GOOD = "var(--series-1)";
const BAD = "var(--series-bad)";
const WHOLE = 100;

const CHARTS: readonly Chart[] = [
  {
    title: "Requests",
    kind: "bar",
    rows: ({ points }) => [
      { id: "successful", title: "Successful", colour: GOOD, values: points.successful_requests ?? [] },
      { id: "failed", title: "Failed", colour: BAD, values: points.failed_requests ?? [] },
    ],
    show: count,
    mark: compactCount,
  },
  { title: "Tokens by class", kind: "bar", rows: tokenRows, show: count, mark: compactCount },
  {
    title: "Success rate",
    kind: "line",
    rows: ({ points }) => [
      {
        id: "success_percent",
        title: "Success rate",
        colour: GOOD,
        values: percents(points.successful_requests, points.api_requests),
      },
    ],
    show: (value) => percentage(plotted(value)),
    mark: percentage,
    top: WHOLE,
  },
  {
    title: "Mean latency",
    kind: "line",
    rows: ({ points }) => [
      {
        id: "latency_ms",
        title: "Mean latency",
        colour: GOOD,
        values: quotients(points.response_time_ms, points.timed_requests),
      },
    ],
    show: duration,
    mark: duration,
  },
];

/** How the calls went: requests, tokens, success, latency, and those that were refused. */
export function Activity({ usage, asked }: { usage: Usage; asked: Asked<Series> }) {
  return (
    <div className="pair">
      {CHARTS.map((chart) => (
        <Panel
          key={chart.title}
          title={chart.title}
          asked={asked}
          height={300}
          empty={({ totals }) => totals.api_requests === 0}
          csv={(data) => chartCsv(data.buckets, chart.rows(data))}
        >
          {(data) => (
            <TimeChart
              label={chart.title}
              buckets={data.buckets}
              rows={chart.rows(data)}
              kind={chart.kind}
              show={chart.show}
              mark={chart.mark}
              title={(bucket) => bucketTitle(bucket, data.interval)}
              height={200}
              {...(chart.top && { top: chart.top })}
            />
          )}
        </Panel>
      ))}
      <Refused usage={usage} />
    </div>
  );
}

/** Calls that never reached a provider, by reason; counted by day, and by customer only. */
function Refused({ usage: { filters } }: { usage: Usage }) {
  const { start_date, end_date, end_user_ids, ...others } = filters.query;
  const narrowed = Object.values(others).some(Boolean);
  const asked = useApi<Refusals>(pathOf("/customer/refusals", { start_date, end_date, end_user_ids }));
  return (
    <Panel
      title="Refused calls by reason"
      description={narrowed ? "Only the days and customers of the filters apply." : undefined}
      asked={asked}
      empty={({ total }) => total === 0}
      emptyText="No call was refused in this range."
      csv={(data) => chartCsv(data.buckets, refusalRows(data))}
    >
      {(data) => (
        <TimeChart
          label="Refused calls by reason, each day"
          buckets={data.buckets}
          rows={refusalRows(data)}
          kind="bar"
          show={count}
          mark={compactCount}
          height={200}
        />
      )}
    </Panel>
  );
}
