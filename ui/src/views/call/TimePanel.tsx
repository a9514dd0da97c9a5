import Box from "@cloudscape-design/components/box";
import type { Call } from "../../api/logs";
import { instant } from "../../values/dates";
import { duration } from "../../values/format";
import { placed, type Stretch, stretches } from "./waterfall";

const COLOURS = ["#688ae8", "#2ea597", "#c33d69"];

/** What a call's time was spent on: bars to see, and the same as text beside each. */
export function TimePanel({ call: { timings }, zone }: { call: Call; zone: string }) {
  const found = stretches(timings);
  if (!found.length) {
    return <Box color="text-body-secondary">Under way since {instant(timings.started_at, zone)}.</Box>;
  }
  const whole = found.at(-1)?.to ?? 0;
  return (
    <>
      <table className="time-table" aria-label="The time of the call">
        <thead className="unseen">
          <tr>
            <th scope="col">Stretch</th>
            <th scope="col">From</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {found.map((stretch, at) => (
            <Bar key={stretch.name} stretch={stretch} whole={whole} colour={COLOURS[at] ?? ""} />
          ))}
        </tbody>
      </table>
      <Box color="text-body-secondary" fontSize="body-s" padding={{ top: "s" }}>
        Came {instant(timings.started_at, zone)}, was booked {instant(timings.closed_at, zone)}; counts for{" "}
        {timings.day}.
      </Box>
    </>
  );
}

function Bar({ stretch, whole, colour }: { stretch: Stretch; whole: number; colour: string }) {
  const { left, width } = placed(stretch, whole);
  return (
    <tr>
      <th scope="row">
        {stretch.name}
        <div className="time-track" aria-hidden>
          <div
            className="time-bar"
            style={{ left: `min(${left}%, calc(100% - 3px))`, width: `${width}%`, background: colour }}
          />
        </div>
      </th>
      <td className="numbers">at {duration(stretch.from)}</td>
      <td className="numbers">{duration(stretch.to - stretch.from)}</td>
    </tr>
  );
}
