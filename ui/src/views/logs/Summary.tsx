import type { LogPage } from "../../api/logs";
import type { Series } from "../../api/types";
import { count, exactMoney, money } from "../../values/format";
import { type Amount, sum } from "../../values/money";

type Props = { page: LogPage | undefined; series: Series | undefined; counted: boolean };

/** How many calls fit the filters, what they cost and used; of the page alone, where only reading all would tell. */
export function Summary({ page, series, counted }: Props) {
  if (counted && series) {
    const { api_requests, spend, total_tokens } = series.totals;
    return <Sums calls={api_requests} spend={spend} tokens={total_tokens} of="" />;
  }
  if (!page) return <span className="sums">&nbsp;</span>;
  const { data, total } = page;
  return (
    <Sums
      calls={data.length}
      spend={sum(data.map((row) => row.spend))}
      tokens={sum(data.map((row) => row.total_tokens))}
      of={total === null ? " on this page" : ` on this page, of ${count(total)}`}
    />
  );
}

function Sums({ calls, spend, tokens, of }: { calls: Amount; spend: Amount; tokens: Amount; of: string }) {
  return (
    <span className="sums numbers" aria-live="polite">
      <b>{count(calls)}</b> {calls === 1 ? "call" : "calls"} · <b title={exactMoney(spend)}>{money(spend)}</b>{" "}
      spend · <b>{count(tokens)}</b> tokens{of}
    </span>
  );
}
