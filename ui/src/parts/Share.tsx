import "./charts.css";
import { percentage } from "../values/format";

/** A part of a whole, in per cent, as a bar and as text. */
export function Share({ of }: { of: number }) {
  return (
    <span className="share numbers">
      <span aria-hidden="true">
        <span style={{ width: `${Math.min(Math.max(of, 0), 100)}%` }} />
      </span>
      <span>{percentage(of)}</span>
    </span>
  );
}
