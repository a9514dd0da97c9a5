import Badge from "@cloudscape-design/components/badge";
import { exactMoney, signedMoney, signedPercentage } from "../values/format";
import { type Amount, big, growth } from "../values/money";

/** How spend changed since the period before, in per cent; the amounts stand in the title. */
export function SpendChange({ now, before }: { now: Amount; before: Amount }) {
  if (before === null || before === undefined) return <>–</>;
  const percent = growth(now, before);
  if (percent === null) return big(now).gt(0) ? <Badge>new</Badge> : <>–</>;
  const difference = big(now).minus(big(before));
  const arrow = difference.gt(0) ? "▲" : difference.lt(0) ? "▼" : "";
  return (
    <span className="numbers" title={`${signedMoney(difference)}; before ${exactMoney(before)}`}>
      <span aria-hidden>{arrow}</span> {signedPercentage(percent)}
    </span>
  );
}
