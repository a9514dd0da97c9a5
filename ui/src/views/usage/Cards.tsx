import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";
import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { Compared, Leaderboard, Series, Totals } from "../../api/types";
import type { Filters } from "../../app/url";
import { Card } from "../../parts/Card";
import { Change } from "../../parts/Change";
import { csv } from "../../parts/downloads";
import { Panel } from "../../parts/Panel";
import { rangeLabel } from "../../values/dates";
import { compactCount, count, exactMoney, money, percentage, signedPoints } from "../../values/format";
import { type Amount, big, type Exact, percent } from "../../values/money";
import { percents } from "../../values/ratio";

type Props = { asked: Asked<Series>; filters: Filters; customers: boolean };
type Daily = { results: { unique_customers: number }[] };

/** What the range came to: spend, requests, success, tokens, customers. */
export function Cards({ asked, filters, customers }: Props) {
  const { data } = asked;
  const previous = data?.previous;
  return (
    <Panel
      title={rangeLabel(filters.days)}
      description={
        previous
          ? `Compared with ${rangeLabel({ start: previous.start_date, end: previous.end_date })}`
          : "\u00a0"
      }
      asked={asked}
      height={112}
      csv={(found) => cardsCsv(found)}
    >
      {(found) => (
        <div className="cards">
          <Sums {...found} />
          {customers && <Customers filters={filters} previous={found.previous} />}
        </div>
      )}
    </Panel>
  );
}

function Sums({ totals, points, previous }: Pick<Series, "totals" | "points" | "previous">) {
  const change = (name: string, show: (value: Amount) => string, exact = show): ReactNode =>
    previous && <Change now={totals[name]} before={previous.totals[name]} show={show} exact={exact} />;
  const success = (of: Totals) => percent(of.successful_requests, of.api_requests);
  return (
    <>
      <Card
        label="Spend"
        value={money(totals.spend)}
        exact={exactMoney(totals.spend)}
        change={change("spend", money, exactMoney)}
        points={points.spend}
      />
      <Card
        label="Requests"
        value={count(totals.api_requests)}
        change={change("api_requests", count)}
        points={points.api_requests}
      />
      <Card
        label="Success rate"
        value={totals.api_requests === 0 ? "–" : percentage(success(totals))}
        exact={`${count(totals.failed_requests)} failed`}
        change={
          previous &&
          previous.totals.api_requests !== 0 && (
            <Points now={success(totals)} before={success(previous.totals)} />
          )
        }
        points={percents(points.successful_requests, points.api_requests).filter((value) => value !== null)}
      />
      <Card
        label="Tokens"
        value={compactCount(totals.total_tokens)}
        exact={count(totals.total_tokens)}
        change={change("total_tokens", compactCount, count)}
        points={points.total_tokens}
      />
    </>
  );
}

function Points({ now, before }: { now: number; before: number }) {
  return (
    <Box fontSize="body-s" color="text-body-secondary">
      <span className="numbers">
        {signedPoints(now - before)} from {percentage(before)}
      </span>
    </Box>
  );
}

/** How many customers called; asked after everything else, which waits for nobody. */
function Customers({ filters, previous }: { filters: Filters; previous: Compared | null }) {
  const unique = (days: object) => pathOf("/customer/leaderboard", { ...filters.query, ...days, limit: 1 });
  const now = useApi<Leaderboard>(unique({}));
  const before = useApi<Leaderboard>(
    previous && now.data ? unique({ start_date: previous.start_date, end_date: previous.end_date }) : null,
  );
  const daily = useApi<Daily>(now.data ? pathOf("/customer/daily/totals", filters.query) : null);
  const found = now.data?.metadata.unique_customers;
  const was = before.data?.metadata.unique_customers;
  return (
    <div className={now.refreshing ? "refreshing" : undefined}>
      <Card
        label="Active customers"
        value={found === undefined ? (now.error ? "–" : "…") : count(found)}
        exact={now.error?.message}
        change={
          previous &&
          found !== undefined &&
          was !== undefined && <Change now={found} before={was} show={count} />
        }
        points={daily.data?.results.map(({ unique_customers }) => unique_customers)}
      />
    </div>
  );
}

function cardsCsv({ totals, previous }: Series): string {
  const text = (value: Exact | undefined) => big(value).toFixed();
  const rows = Object.keys(totals).map((name) => [
    name,
    text(totals[name]),
    previous ? text(previous.totals[name]) : "",
  ]);
  return csv(["name", "now", "before"], rows);
}
