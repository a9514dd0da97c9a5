import { useCollection } from "@cloudscape-design/collection-hooks";
import Pagination from "@cloudscape-design/components/pagination";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { BulkRow } from "../../api/customers";
import { shortened } from "../../values/ids";

const PAGE = 10;

/** What became of each row, those that failed first. */
export function Report({ rows }: { rows: readonly BulkRow[] }) {
  const failedFirst = [...rows].sort((left, right) => right.status.localeCompare(left.status));
  const shown = useCollection(failedFirst, { pagination: { pageSize: PAGE } });
  return (
    <Table
      {...shown.collectionProps}
      variant="embedded"
      contentDensity="compact"
      wrapLines
      items={shown.items}
      trackBy={({ row }) => String(row)}
      ariaLabels={{ tableLabel: "Rows" }}
      pagination={rows.length > PAGE ? <Pagination {...shown.paginationProps} /> : null}
      columnDefinitions={[
        { id: "row", header: "Row", isRowHeader: true, cell: ({ row }) => row },
        { id: "id", header: "Id", cell: ({ user_id }) => shortened(user_id ?? "–") },
        {
          id: "status",
          header: "Result",
          cell: ({ status, field, reason }) =>
            status === "created" ? (
              <StatusIndicator type="success">Made</StatusIndicator>
            ) : (
              <StatusIndicator type="error">
                {field && !reason?.startsWith(field) ? `${field}: ` : ""}
                {reason}
              </StatusIndicator>
            ),
        },
      ]}
    />
  );
}
