import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Tail } from "./useTail";

/** Whether calls come in by themselves, and if not, why. */
export function LiveState({ tail, paused }: { tail: Tail; paused: string | null }) {
  return (
    <span className="sums">
      <State tail={tail} paused={paused} />
      <span className="unseen" role="status">
        {tail.news}
      </span>
    </span>
  );
}

function State({ tail: { error }, paused }: { tail: Tail; paused: string | null }) {
  if (error) return <StatusIndicator type="error">{error.message} Trying again.</StatusIndicator>;
  if (paused) return <StatusIndicator type="stopped">Paused: {paused}</StatusIndicator>;
  return <StatusIndicator type="success">Live: the calls of today, as they begin and end</StatusIndicator>;
}
