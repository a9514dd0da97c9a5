import { signedPercentage } from "../values/format";
import { type Amount, compare, growth } from "../values/money";

type Props = {
  now: Amount;
  before: Amount;
  show: (value: Amount) => string;
  exact?: (value: Amount) => string;
};

const ARROWS = { "-1": "▼", "0": "=", "1": "▲" } as Record<string, string>;

/** How a number changed, and from what; neither good nor bad. */
export function Change({ now, before, show, exact = show }: Props) {
  const grown = growth(now, before);
  const arrow = ARROWS[String(compare(now, before))];
  const text = grown === null ? "nothing before" : `${signedPercentage(grown)} from ${show(before)}`;
  return (
    <span className="numbers" title={`Before: ${exact(before)}`}>
      <span aria-hidden="true">{grown === null ? "" : `${arrow} `}</span>
      {text}
    </span>
  );
}
