import type { ReactNode } from "react";
import type { Asked } from "../../api/hooks";
import type { Series, Totals } from "../../api/types";
import type { Filters } from "../../app/url";
import { Card } from "../../parts/Card";
import { Change } from "../../parts/Change";
import { csv } from "../../parts/downloads";
import { Panel } from "../../parts/Panel";
import { useNarrow } from "../../parts/useNarrow";
import { rangeLabel } from "../../values/dates";
import { compactCount, count, exactMoney, money, percentage, signedPoints } from "../../values/format";
import { type Amount, big, type Exact, percent } from "../../values/money";
import { percents } from "../../values/ratio";
import { useActiveCustomers } from "./useActiveCustomers";

type Props = {
  asked: Asked<Series>;
  /** How the numbers went, where that is finer than in the answer. */
  points?: Series["points"];
  filters: Filters;
  customers: boolean;
};
const ROW = 112; // px, of cards beside each other
type Active = ReturnType<typeof useActiveCustomers>;

/** What the range came to: spend, requests, success, tokens, customers. */
export function Cards({ asked, points, filters, customers }: Props) {
  const { data } = asked;
  const active = useActiveCustomers(filters, data, customers);
  const previous = data?.previous;
  const rows = useNarrow() ? (customers ? 3 : 2) : 1;
  return (
    <Panel
      title={rangeLabel(filters.days)}
      description={
        previous
          ? `Compared with ${rangeLabel({ start: previous.start_date, end: previous.end_date })}`
          : "\u00a0"
      }
      asked={asked}
      height={rows * ROW}
      csv={(found) => cardsCsv(found)}
    >
      {(found) => (
        <div className="cards">
          <Sums {...found} points={points ?? found.points} />
          {customers && <Customers {...active} />}
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
    <span className="numbers">
      {signedPoints(now - before)} from {percentage(before)}
    </span>
  );
}

function Customers({ now, before, daily, tooMany, error, refreshing }: Active) {
  const unknown = tooMany || error;
  const why = tooMany ? "More than 2,000 customers are not counted with these filters." : error?.message;
  return (
    <div className={refreshing ? "refreshing" : undefined}>
      <Card
        label="Active customers"
        value={unknown ? "–" : now === undefined ? "…" : count(now)}
        exact={unknown ? why : undefined}
        change={
          unknown
            ? why
            : now !== undefined && before !== undefined && <Change now={now} before={before} show={count} />
        }
        points={unknown ? undefined : daily}
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
