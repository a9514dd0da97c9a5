import Table from "@cloudscape-design/components/table";
import { pathOf, withCursor } from "../../api/client";
import type { Audit, AuditRecord } from "../../api/customers";
import { useApi } from "../../api/hooks";
import { writeExact } from "../../api/json";
import { useFilters } from "../../app/url";
import { csv } from "../../parts/downloads";
import { Pager } from "../../parts/Pager";
import { Panel } from "../../parts/Panel";
import { useCursors } from "../../parts/useCursors";
import { instant } from "../../values/dates";
import { type Difference, differences } from "./differences";

/** Who changed what of a customer, and when. */
export default function History({ id }: { id: string }) {
  const { zone } = useFilters();
  const question = pathOf("/audit", { object_type: "customer", object_id: id, page_size: 20 });
  const cursors = useCursors(question);
  const asked = useApi<Audit>(withCursor(question, cursors.cursor));
  return (
    <Panel
      title="History"
      description="Every change of this customer, the latest first"
      asked={asked}
      height={300}
      empty={({ audit_logs }) => audit_logs.length === 0}
      emptyText="Nobody has changed this customer yet."
      csv={({ audit_logs }) => auditCsv(audit_logs)}
      actions={<Pager cursors={cursors} next={asked.data?.next_cursor} busy={asked.refreshing} />}
    >
      {({ audit_logs }) => (
        <Table
          variant="embedded"
          wrapLines
          items={audit_logs}
          trackBy="id"
          ariaLabels={{ tableLabel: "Changes" }}
          columnDefinitions={[
            { id: "at", header: "When", isRowHeader: true, cell: (one) => instant(one.updated_at, zone) },
            { id: "action", header: "Action", cell: ({ action }) => action },
            { id: "by", header: "By key", cell: ({ changed_by }) => <Cut text={changed_by} /> },
            { id: "changes", header: "Changes", cell: (one) => <Changes of={differences(one)} /> },
          ]}
        />
      )}
    </Panel>
  );
}

const ID_SHOWN = 12;

function Cut({ text }: { text: string }) {
  return <span title={text}>{text.length > ID_SHOWN ? `${text.slice(0, ID_SHOWN)}…` : text}</span>;
}

function Changes({ of }: { of: Difference[] }) {
  return (
    <ul className="plain-list">
      {of.map(({ field, before, after }) => (
        <li key={field}>
          <b>{field}</b> {before === undefined ? "" : `${before} → `}
          {after}
        </li>
      ))}
    </ul>
  );
}

function auditCsv(records: readonly AuditRecord[]): string {
  return csv(
    ["at", "action", "by", "before", "after"],
    records.map((one) => [
      one.updated_at,
      one.action,
      one.changed_by,
      writeExact(one.before_value),
      writeExact(one.updated_values),
    ]),
  );
}
