import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { both } from "../../api/asked";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Forecasts, MonthForecast, Series } from "../../api/types";
import { useSession } from "../../app/session";
import { csv } from "../../parts/downloads";
import { Panel } from "../../parts/Panel";
import { TimeChart } from "../../parts/TimeChart";
import { outlook } from "../../values/budgets";
import { bucketLabel, firstOfMonth, today } from "../../values/dates";
import { each } from "../../values/durations";
import { compactMoney, exactMoney, money } from "../../values/format";
import { joined } from "../../values/ids";
import { big } from "../../values/money";
import { monthLines } from "./month";

/** What this month will come to, and when budgets run out. */
export function Month({ id }: { id: string }) {
  const day = today(useSession().self.reporting_timezone);
  const ids = joined([id]);
  const forecast = useApi<Forecasts>(pathOf("/customer/forecast", { end_user_ids: ids }));
  const days = { start_date: firstOfMonth(day), end_date: day, end_user_ids: ids };
  const spent = useApi<Series>(pathOf("/customer/activity/series", days));
  return (
    <Panel
      title="This month"
      asked={both(forecast, spent)}
      height={300}
      empty={([{ results }]) => results.length === 0}
      csv={([{ results }]) => monthCsv(results)}
    >
      {([{ results, metadata }, series]) => {
        const [month] = results;
        if (!month) return null;
        const spend = series.points.spend ?? [];
        const lines = monthLines({ days: series.buckets, spend, end: metadata.month_end, forecast: month });
        return (
          <SpaceBetween size="s">
            <Outlook month={month} />
            <TimeChart
              label="Spend of this month, added up, and its forecast"
              {...lines}
              kind="line"
              show={(value) => (value === null || value === undefined ? "–" : money(value))}
              mark={compactMoney}
              title={bucketLabel}
              height={170}
            />
          </SpaceBetween>
        );
      }}
    </Panel>
  );
}

function Outlook({ month }: { month: MonthForecast }) {
  const { forecast, low, high, budgets } = month;
  const running = budgets.filter((budget) => outlook(budget));
  return (
    <Box>
      About{" "}
      <b className="numbers" title={exactMoney(forecast)}>
        {money(forecast)}
      </b>{" "}
      by its end, between {money(low)} and {money(high)}.{" "}
      {running.map((budget) => (
        <StatusIndicator
          key={`${budget.model}|${budget.budget_duration}|${budget.max_budget}`}
          type="warning"
        >
          {exactMoney(budget.max_budget)} {each(budget.budget_duration)}
          {budget.model ? ` on ${budget.model}` : ""}: {outlook(budget)}.
        </StatusIndicator>
      ))}
      {budgets.length > 0 && running.length === 0 && "No budget runs out before it resets."}
    </Box>
  );
}

function monthCsv(results: readonly MonthForecast[]): string {
  return csv(
    ["end_user_id", "spent", "forecast", "low", "high"],
    results.map(({ end_user_id, spent, forecast, low, high }) => [
      end_user_id,
      ...[spent, forecast, low, high].map((value) => big(value).toFixed()),
    ]),
  );
}
