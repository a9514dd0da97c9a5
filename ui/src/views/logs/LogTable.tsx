import "../../parts/calls.css";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { MouseEvent, ReactNode } from "react";
import type { LogRow } from "../../api/logs";
import { follow } from "../../app/follow";
import { useKept } from "../../app/url";
import { columnsOf, type Names } from "./columns";
import type { Sort } from "./filters";

type Props = {
  rows: readonly LogRow[];
  names: Omit<Names, "kept">;
  columns: readonly string[];
  /** null while live, when the newest call is on top. */
  order: { by: Sort; descending: boolean; onChange: (by: Sort, descending: boolean) => void } | null;
  empty: ReactNode;
};

const OPENS_ITSELF = "a,button,input,label";

/** A click anywhere on a row opens its call, as its first link does. */
function openRow(event: MouseEvent<HTMLElement>): void {
  const at = event.target as HTMLElement;
  if (at.closest(OPENS_ITSELF) || getSelection()?.toString()) return;
  const link = at.closest("tbody tr")?.querySelector('a[href*="page=call"]');
  if (link) follow(link.getAttribute("href") ?? "");
}

/** The calls of a page, one a row. */
export function LogTable({ rows, names, columns, order, empty }: Props) {
  const all = columnsOf({ ...names, kept: useKept() });
  const definitions = order ? all : all.map(({ sortingField: _, ...column }) => column);
  const sorted: Partial<TableProps<LogRow>> = order
    ? {
        sortingColumn: { sortingField: order.by },
        sortingDescending: order.descending,
        onSortingChange: ({ detail }) =>
          order.onChange((detail.sortingColumn.sortingField ?? "time") as Sort, detail.isDescending ?? false),
      }
    : {};
  return (
    // The way by keyboard is the link in the row.
    <div className="opens-rows" onClick={openRow}>
      <Table
        variant="borderless"
        items={rows}
        trackBy="request_id"
        columnDefinitions={definitions}
        columnDisplay={all.map(({ id }) => ({ id, visible: id === "time" || columns.includes(id) }))}
        contentDensity="compact"
        ariaLabels={{ tableLabel: "Calls" }}
        empty={empty}
        {...sorted}
      />
    </div>
  );
}
