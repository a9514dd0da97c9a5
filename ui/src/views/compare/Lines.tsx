import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import type { Asked } from "../../api/hooks";
import type { Measure, Series } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { TimeChart } from "../../parts/TimeChart";
import { bucketTitle } from "../../values/intervals";
import { topRows } from "../../values/series";
import { chartCsv, MEASURED } from "../usage/measures";
import { MEASURES } from "../usage/state";

/** A line for each customer over the days. */
export function Lines({ asked }: { asked: Asked<Series> }) {
  const [metric, setMetric] = useQueryState(
    "metric",
    parseAsStringLiteral(MEASURES).withDefault("spend").withOptions({ history: "push" }),
  );
  const { text, show, mark } = MEASURED[metric];
  return (
    <Panel
      title={`${text} by day`}
      asked={asked}
      height={380}
      empty={({ series }) => series.length === 0}
      csv={(data) => chartCsv(data.buckets, topRows(data.series, metric, "customer"))}
    >
      {(data) => (
        <SpaceBetween size="m">
          <SegmentedControl
            label="Measure"
            selectedId={metric}
            options={MEASURES.map((id) => ({ id, text: MEASURED[id].text }))}
            onChange={({ detail }) => void setMetric(detail.selectedId as Measure)}
          />
          <TimeChart
            label={`${text} of each customer by day`}
            buckets={data.buckets}
            rows={topRows(data.series, metric, "customer")}
            kind="line"
            show={show}
            mark={mark}
            title={(bucket) => bucketTitle(bucket, data.interval)}
          />
        </SpaceBetween>
      )}
    </Panel>
  );
}
