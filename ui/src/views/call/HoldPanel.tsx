import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import type { Call } from "../../api/logs";
import { count, exactMoney } from "../../values/format";
import { big } from "../../values/money";

/** What was set aside of budgets when the call was let in, against what it came to. */
export function HoldPanel({ call: { hold, cost_breakdown: cost } }: { call: Call }) {
  const held = big(hold.held);
  if (held.eq(0) && !hold.held_tokens) {
    return <Box color="text-body-secondary">Nothing was held: no budget or limit applied to this call.</Box>;
  }
  const rest = cost ? held.minus(big(cost.charge)) : null;
  return (
    <KeyValuePairs
      columns={3}
      items={[
        { label: "Held at admission", value: exactMoney(held) },
        { label: "Settled as charge", value: cost ? exactMoney(cost.charge) : "Not yet" },
        {
          label: rest?.lt(0) ? "Charged beyond the hold" : "Given back",
          value: rest ? exactMoney(rest.abs()) : "Not yet",
        },
        { label: "Tokens held", value: count(hold.held_tokens) },
        { label: "Windows of the customer", value: windows(hold.windows) },
        { label: "Windows of the key", value: windows(hold.key_windows) },
      ]}
    />
  );
}

/** The kinds of windows, as wallets write them: `1d,ever,1mo|gpt-4*`. */
function windows(kinds: string | null): string {
  if (!kinds || kinds === "-") return "None";
  return kinds
    .split(",")
    .map((kind) => kind.replace("|", " for "))
    .join(", ");
}
