import type { MonthForecast } from "../../api/types";
import { type Day, plusDays } from "../../values/dates";
import { big, type Exact, ZERO } from "../../values/money";
import type { Row } from "../../values/series";

type Given = {
  /** The days of the month so far, and what was spent on each. */
  days: readonly Day[];
  spend: readonly Exact[];
  end: Day;
  forecast: Pick<MonthForecast, "forecast" | "low" | "high">;
};

/** Sums from the first day on. */
function cumulated(spend: readonly Exact[]): Exact[] {
  let total = ZERO;
  return spend.map((value) => {
    total = total.plus(big(value));
    return total;
  });
}

/** Every day of the month, its sum up to today, and straight lines from there to what it will come to. */
export function monthLines({ days, spend, end, forecast }: Given): { buckets: Day[]; rows: Row[] } {
  const [first = end] = days;
  const buckets: Day[] = [];
  for (let day = first; day <= end; day = plusDays(day, 1)) buckets.push(day);
  const spent = cumulated(spend);
  const now = big(spent.at(-1));
  const left = buckets.length - spent.length;
  const towards = (goal: Exact): (Exact | null)[] =>
    buckets.map((_, at) => {
      const ahead = at - spent.length + 1;
      if (ahead < 0) return null;
      return left === 0 ? now : now.plus(big(goal).minus(now).times(ahead).div(left));
    });
  const rows = [
    {
      id: "spent",
      title: "Spent",
      colour: "var(--series-1)",
      values: buckets.map((_, at) => spent[at] ?? null),
    },
    { id: "forecast", title: "Forecast", colour: "var(--series-4)", values: towards(forecast.forecast) },
    { id: "high", title: "At most", colour: "var(--series-other)", values: towards(forecast.high) },
    { id: "low", title: "At least", colour: "var(--series-other)", values: towards(forecast.low) },
  ];
  return { buckets, rows };
}
