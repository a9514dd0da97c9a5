import "./charts.css";
import { type Exact, plotted } from "../values/money";
import { linePoints } from "../values/scale";

const WIDTH = 120;
const HEIGHT = 28;

/** How a number went, without numbers; decoration beside the number itself. */
export function Sparkline({ values }: { values: readonly Exact[] | undefined }) {
  if (!values || values.length < 2) return <div className="sparkline" />;
  const points = linePoints(values.map(plotted), WIDTH, HEIGHT);
  return (
    <svg
      className="sparkline"
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polygon points={`0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`} className="sparkline-area" />
      <polyline points={points} className="sparkline-line" />
    </svg>
  );
}
