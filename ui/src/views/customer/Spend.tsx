import type { Asked } from "../../api/hooks";
import type { Series } from "../../api/types";
import { Panel } from "../../parts/Panel";
import { TimeChart } from "../../parts/TimeChart";
import { bucketTitle } from "../../values/intervals";
import { topRows } from "../../values/series";
import { chartCsv, MEASURED } from "../usage/measures";

const { show, mark } = MEASURED.spend;

/** What a customer spent each day, by model. */
export function Spend({ asked }: { asked: Asked<Series> }) {
  return (
    <Panel
      title="Spend by day"
      asked={asked}
      height={330}
      empty={({ series }) => series.length === 0}
      csv={(data) => chartCsv(data.buckets, topRows(data.series, "spend", "model"))}
    >
      {(data) => (
        <TimeChart
          label="Spend by model, each day"
          buckets={data.buckets}
          rows={topRows(data.series, "spend", "model")}
          kind="bar"
          show={show}
          mark={mark}
          title={(bucket) => bucketTitle(bucket, data.interval)}
        />
      )}
    </Panel>
  );
}
