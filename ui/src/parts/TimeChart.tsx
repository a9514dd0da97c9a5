import "./charts.css";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import MixedLineBarChart from "@cloudscape-design/components/mixed-line-bar-chart";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type MouseEvent, useMemo, useRef } from "react";
import { bucketLabel } from "../values/dates";
import { type Amount, plotted, sum } from "../values/money";
import { highest, niceTop } from "../values/scale";
import type { Row } from "../values/series";

type Props = {
  /** What is shown, for screen readers. */
  label: string;
  buckets: readonly string[];
  rows: readonly Row[];
  kind: "bar" | "line";
  /** An exact value in words, and a mark of the axis. */
  show: (value: Amount) => string;
  mark: (value: number) => string;
  title?: (bucket: string) => string;
  /** Shows one bar in more detail, and says so; null where there is nothing finer. */
  zoom?: (bucket: string) => { text: string; act: () => void } | null;
  height?: number;
  /** Where the axis ends, such as 100 of percentages. */
  top?: number;
};

const HEIGHT = 240;
const LEGEND = 44; // what a chart of one row has besides, so that all fill their panels

function drawn({ title, colour, values }: Row, buckets: readonly string[], kind: "bar" | "line") {
  const data = buckets.flatMap((x, at) => {
    const value = values[at];
    return value === null && kind === "line" ? [] : [{ x, y: plotted(value) }];
  });
  return { type: kind, title, color: colour, data } as const;
}

/** Values over time: stacked bars, or lines; every popover has the exact values. */
export function TimeChart({ label, buckets, rows, kind, show, mark, title, zoom, height, top }: Props) {
  const pointed = useRef<string | null>(null);
  const series = useMemo(() => rows.map((row) => drawn(row, buckets, kind)), [rows, buckets, kind]);
  const end = top ?? niceTop(highest(rows, buckets.length, kind === "bar"));

  function footer(bucket: string) {
    pointed.current = bucket; // Cloudscape tells the bar under the pointer nowhere else
    const finer = zoom?.(bucket);
    return (
      <SpaceBetween size="xxs">
        {kind === "bar" && rows.length > 1 && (
          <Box fontWeight="bold">
            Total {show(sum(rows.map(({ values }) => values[buckets.indexOf(bucket)])))}
          </Box>
        )}
        {finer && (
          <Button variant="inline-link" onClick={finer.act}>
            {finer.text}
          </Button>
        )}
      </SpaceBetween>
    );
  }
  // For mice only: a tap pins the popover, whose button does the same, as Enter does.
  function zoomIn(event: MouseEvent): void {
    const mouse = (event.nativeEvent as PointerEvent).pointerType === "mouse";
    const finer =
      mouse && pointed.current && (event.target as Element).closest("svg") && zoom?.(pointed.current);
    if (!finer) return;
    event.stopPropagation();
    finer.act();
  }

  return (
    <div className={buckets[0] && zoom?.(buckets[0]) ? "chart zooms" : "chart"} onClickCapture={zoomIn}>
      <MixedLineBarChart
        series={series}
        stackedBars
        xScaleType="categorical"
        xDomain={buckets}
        yDomain={[0, end]}
        xTickFormatter={title ?? bucketLabel}
        yTickFormatter={mark}
        ariaLabel={label}
        height={(height ?? HEIGHT) + (rows.length < 2 ? LEGEND : 0)}
        hideFilter
        hideLegend={rows.length < 2}
        detailPopoverSize="large"
        detailPopoverSeriesContent={({ series: of, x }) => ({
          key: of.title,
          value: show(rows[series.findIndex((one) => one === of)]?.values[buckets.indexOf(x)]),
        })}
        detailPopoverFooter={footer}
      />
    </div>
  );
}
