import "./charts.css";
import "./customers.css";
/** A part of a whole as a thin bar, and behind it another part, lighter; the numbers stand beside it as text. */
export function Bar({ percent, lighter = 0 }: { percent: number; lighter?: number }) {
  const first = within(percent);
  return (
    <div className="bar" aria-hidden>
      <div className={percent >= 100 ? "bar-full" : "bar-part"} style={{ width: `${first}%` }} />
      <div className="bar-lighter" style={{ width: `${Math.min(within(lighter), 100 - first)}%` }} />
    </div>
  );
}

function within(percent: number): number {
  return Math.min(Math.max(percent, 0), 100);
}
