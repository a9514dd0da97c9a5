import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { LogPage } from "../../api/logs";
import { follow } from "../../app/follow";
import { useSession } from "../../app/session";
import { linkTo, useKept } from "../../app/url";
import { FilterBar } from "../../parts/FilterBar";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { shortInstant } from "../../values/dates";
import { count, exactMoney, money } from "../../values/format";
import { shortened } from "../../values/ids";
import { logRange } from "../logs/filters";
import { LogTable } from "../logs/LogTable";
import { type Session, sessionsOf } from "./sessions";
import type { Customer } from "./state";

const RECENT = 50;
const COLUMNS = ["time", "model", "status", "spend", "tokens", "duration", "session"];

/** The latest calls of a customer, and the sessions they belong to. */
export default function Calls({ customer }: { customer: Customer }) {
  const { id, filters } = customer;
  const { self } = useSession();
  const kept = useKept();
  const days = logRange(filters.days, filters.zone, self.reporting_timezone);
  const asked = useApi<LogPage>(pathOf("/spend/logs/v2", { ...days, end_user: id, page_size: RECENT }));
  return (
    <SpaceBetween size="l">
      <FilterBar parts={["zone"]} />
      <Sessions asked={asked} zone={filters.zone} />
      <Panel
        title="Recent calls"
        description={`The last ${RECENT} of the range at most`}
        asked={asked}
        height={400}
        empty={({ data }) => data.length === 0}
        csv={pathOf("/spend/logs", { ...days, end_user: id, summarize: false })}
        actions={
          <Button onClick={() => follow(linkTo("logs", { ...kept, end_user: id }))}>All in Logs</Button>
        }
      >
        {({ data }) => (
          <LogTable
            rows={data}
            names={{ zone: filters.zone, keys: new Map() }}
            columns={COLUMNS}
            order={null}
            empty={null}
          />
        )}
      </Panel>
    </SpaceBetween>
  );
}

function Sessions({ asked, zone }: { asked: Asked<LogPage>; zone: string }) {
  const kept = useKept();
  return (
    <Panel
      title="Sessions"
      description={`Of the last ${RECENT} calls`}
      asked={asked}
      height={160}
      empty={({ data }) => sessionsOf(data).length === 0}
      emptyText="None of these calls named a session."
    >
      {({ data }) => (
        <Table
          variant="embedded"
          contentDensity="compact"
          items={sessionsOf(data)}
          trackBy="id"
          ariaLabels={{ tableLabel: "Sessions" }}
          columnDefinitions={columns(zone, kept)}
        />
      )}
    </Panel>
  );
}

function columns(zone: string, kept: ReturnType<typeof useKept>) {
  const number =
    (show: (one: Session) => string, exact = show) =>
    (one: Session) => (
      <div className="numbers end" title={exact(one)}>
        {show(one)}
      </div>
    );
  return [
    {
      id: "session",
      header: "Session",
      isRowHeader: true,
      cell: ({ id }: Session) => <Link href={linkTo("logs", { ...kept, session: id })}>{shortened(id)}</Link>,
    },
    { id: "last", header: "Last call", cell: ({ last }: Session) => shortInstant(last, zone) },
    { id: "calls", header: <div className="end">Calls</div>, cell: number(({ calls }) => count(calls)) },
    { id: "failed", header: <div className="end">Failed</div>, cell: number(({ failed }) => count(failed)) },
    {
      id: "spend",
      header: <div className="end">Spend</div>,
      cell: number(
        ({ spend }) => money(spend),
        ({ spend }) => exactMoney(spend),
      ),
    },
    { id: "models", header: "Models", cell: ({ models }: Session) => models.join(", ") },
  ];
}
