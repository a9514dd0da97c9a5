import Box from "@cloudscape-design/components/box";
import { exactMoney, signedMoney, signedPercentage } from "../values/format";
import { type Amount, big, growth } from "../values/money";

/** How spend changed since the period before, in USD, which tables sort by, and in per cent. */
export function SpendChange({ now, before }: { now: Amount; before: Amount }) {
  if (before === null || before === undefined) return <>–</>;
  const percent = growth(now, before);
  if (percent === null && !big(now).gt(0)) return <>–</>;
  const difference = big(now).minus(big(before));
  const arrow = difference.gt(0) ? "▲" : difference.lt(0) ? "▼" : "";
  return (
    <div className="numbers" title={`Before: ${exactMoney(before)}`}>
      <span aria-hidden>{arrow}</span> {signedMoney(difference)}
      <Box variant="small" display="block" color="text-body-secondary">
        {percent === null ? "new" : signedPercentage(percent)}
      </Box>
    </div>
  );
}
