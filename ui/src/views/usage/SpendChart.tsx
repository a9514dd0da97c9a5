import Button from "@cloudscape-design/components/button";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Asked } from "../../api/hooks";
import type { Series } from "../../api/types";
import { Nothing, Panel } from "../../parts/Panel";
import { TimeChart } from "../../parts/TimeChart";
import { isPreset, rangeName } from "../../values/dates";
import { bucketTitle, INTERVALS, type Interval } from "../../values/intervals";
import { type Group, topRows } from "../../values/series";
import { chartCsv, GROUP_NAMES, MEASURED } from "./measures";
import { MEASURES, type Usage } from "./state";

type Props = { usage: Usage; asked: Asked<Series>; group: Group; groups: readonly Group[] };

const UNITS: Record<Interval, string> = { hour: "Hour", day: "Day", week: "Week" };
const PLOT = 280;

function by(group: Group): string {
  return `By ${GROUP_NAMES[group].toLowerCase()}`;
}

/** Spend, tokens or requests over time, told apart by what the reader chooses. */
export function SpendChart({ usage, asked, group, groups }: Props) {
  const { metric, interval, zoom } = usage;
  const { text, show, mark } = MEASURED[metric];
  const rows = (data: Series) => topRows(data.series, metric, data.group_by as Group);
  return (
    <Panel
      title={`${text} over time`}
      asked={asked}
      height={PLOT + 150}
      csv={(data) => chartCsv(data.buckets, rows(data))}
      actions={usage.back && <Back to={usage.back} act={usage.zoomOut} />}
    >
      {(data) => (
        <SpaceBetween size="m">
          <Controls usage={usage} group={group} groups={groups} />
          {data.series.length === 0 && <Nothing />}
          {data.series.length > 0 && (
            <TimeChart
              label={`${text} by ${GROUP_NAMES[group].toLowerCase()}, each ${interval}`}
              buckets={data.buckets}
              rows={rows(data)}
              kind="bar"
              show={show}
              mark={mark}
              title={(bucket) => bucketTitle(bucket, data.interval)}
              zoom={zoom}
              height={PLOT}
            />
          )}
        </SpaceBetween>
      )}
    </Panel>
  );
}

function Back({ to, act }: { to: string; act: () => void }) {
  return (
    <Button iconName="undo" onClick={act}>
      Back to {isPreset(to) ? rangeName(to).toLowerCase() : rangeName(to)}
    </Button>
  );
}

function Controls({ usage, group, groups }: Omit<Props, "asked">) {
  const { metric, interval, hours, set } = usage;
  return (
    <div className="controls">
      <SegmentedControl
        label="Measure"
        selectedId={metric}
        options={MEASURES.map((id) => ({ id, text: MEASURED[id].text }))}
        onChange={({ detail }) => void set({ metric: detail.selectedId as (typeof MEASURES)[number] })}
      />
      <SegmentedControl
        label="Interval"
        selectedId={interval}
        options={INTERVALS.map((id) => ({
          id,
          text: UNITS[id],
          disabled: id === "hour" && !hours,
          disabledReason: "Hours are shown for at most 14 days, of the last weeks, in zones of whole hours.",
        }))}
        onChange={({ detail }) => void set({ interval: detail.selectedId as Interval })}
      />
      <Select
        ariaLabel="Group by"
        selectedOption={{ value: group, label: by(group) }}
        options={groups.map((value) => ({ value, label: by(value) }))}
        expandToViewport
        onChange={({ detail }) => void set({ group: detail.selectedOption.value as Group })}
      />
    </div>
  );
}
