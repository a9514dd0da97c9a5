import type { ReactNode } from "react";
import type { Leader, MonthForecast } from "../../api/types";
import { BudgetUse } from "../../parts/BudgetUse";
import { Share } from "../../parts/Share";
import { SpendChange } from "../../parts/SpendChange";
import { compactCount, count, exactMoney, money, percentage } from "../../values/format";
import { type Exact, percent } from "../../values/money";

/** A customer as tables show it: its sums, what its month will come to, and everybody's spend. */
export type Summary = {
  leader: Leader;
  /** undefined until it is known, null where there is nothing to know. */
  month: MonthForecast | null | undefined;
  total: Exact;
};

type Metric = {
  id: string;
  name: string;
  /** What the API sorts by. */
  by?: "spend" | "requests" | "tokens" | "growth";
  wide?: boolean;
  show: (of: Summary) => ReactNode;
};

/** What there is to say of a customer, in the order of the table's columns. */
export const METRICS: readonly Metric[] = [
  { id: "spend", name: "Spend", by: "spend", show: ({ leader }) => <Usd value={leader.spend} /> },
  {
    id: "change",
    name: "Change",
    by: "growth",
    show: ({ leader }) => <SpendChange now={leader.spend} before={leader.previous_spend} />,
  },
  {
    id: "share",
    name: "Share of spend",
    wide: true,
    show: ({ leader, total }) => <Share of={percent(leader.spend, total)} />,
  },
  {
    id: "requests",
    name: "Requests",
    by: "requests",
    show: ({ leader }) => <>{count(leader.api_requests)}</>,
  },
  { id: "success", name: "Success rate", show: ({ leader }) => <>{success(leader)}</> },
  {
    id: "tokens",
    name: "Tokens",
    by: "tokens",
    show: ({ leader }) => <span title={count(leader.total_tokens)}>{compactCount(leader.total_tokens)}</span>,
  },
  { id: "budget", name: "Budget used", wide: true, show: Budget },
  { id: "forecast", name: "Forecast", show: Forecast },
];

export function success({ api_requests, successful_requests }: Leader): string {
  return api_requests === 0 ? "–" : percentage(percent(successful_requests, api_requests));
}

function Usd({ value }: { value: Exact }) {
  return <span title={exactMoney(value)}>{money(value)}</span>;
}

function Budget({ month }: Summary) {
  if (!month) return <Missing month={month} />;
  return <BudgetUse budgets={month.budgets} />;
}

function Missing({ month }: { month: null | undefined }) {
  return <>{month === null ? "–" : "…"}</>;
}

function Forecast({ month }: Summary) {
  if (!month) return <Missing month={month} />;
  return (
    <span title={`${money(month.low)} to ${money(month.high)}; exactly ${exactMoney(month.forecast)}`}>
      {money(month.forecast)}
    </span>
  );
}
