import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import type { LogRow } from "../../api/logs";
import { linkTo, type useKept } from "../../app/url";
import { Link } from "../../parts/Link";
import { ended, shortId } from "../../values/calls";
import { instant, shortInstant } from "../../values/dates";
import { count, duration, exactMoney, money } from "../../values/format";
import { customerName, UNASSIGNED } from "../../values/ids";
import { inputTitle, outputTitle } from "./tokens";

/** What a row leaves to be known: the zone, the names of keys, what links to other views keep. */
export type Names = { zone: string; keys: ReadonlyMap<string, string>; kept: ReturnType<typeof useKept> };
type Column = TableProps.ColumnDefinition<LogRow> & { id: string; label: string };

/** What a call has no value of. */
const NONE = "–";

function number(
  id: string,
  label: string,
  sort: string | undefined,
  cell: (row: LogRow) => ReactNode,
): Column {
  const header = <span className="to-the-right">{label}</span>;
  return {
    id,
    label,
    header,
    ...(sort && { sortingField: sort }),
    cell: (row) => <span className="numbers to-the-right">{row.status === "open" ? NONE : cell(row)}</span>,
  };
}

function text(id: string, label: string, cell: (row: LogRow) => ReactNode, sort?: string): Column {
  return { id, label, header: label, ...(sort && { sortingField: sort }), cell };
}

function cut(value: string, shown: string = value): ReactNode {
  return (
    <span className="cut" title={value}>
      {shown || NONE}
    </span>
  );
}

/** How long the answer took to begin. */
function firstByte({ startTime, completionStartTime }: LogRow): string {
  if (!completionStartTime) return NONE;
  return duration(Date.parse(completionStartTime) - Date.parse(startTime));
}

/** Every column there is; which are shown is the reader's choice. */
export function columnsOf({ zone, keys, kept }: Names): Column[] {
  return [
    text(
      "time",
      "Time",
      (row) => (
        <Link href={linkTo("call", { ...kept, id: row.request_id })}>
          {shortInstant(row.startTime, zone)}
        </Link>
      ),
      "time",
    ),
    text("customer", "Customer", (row) => (
      <Link href={linkTo("customer", { ...kept, id: row.end_user || UNASSIGNED })}>
        {cut(row.end_user, customerName(row.end_user))}
      </Link>
    )),
    text("model", "Model", (row) => cut(row.model), "model"),
    text("provider", "Provider", (row) => row.custom_llm_provider || NONE),
    text("status", "Status", (row) => {
      const { kind, text } = ended(row);
      return <StatusIndicator type={kind}>{text}</StatusIndicator>;
    }),
    number("spend", "Spend", "spend", (row) => <span title={exactMoney(row.spend)}>{money(row.spend)}</span>),
    number("input", "Tokens in", undefined, (row) => (
      <span title={inputTitle(row)}>{count(row.prompt_tokens)}</span>
    )),
    number("output", "Tokens out", undefined, (row) => (
      <span title={outputTitle(row)}>{count(row.completion_tokens)}</span>
    )),
    number("tokens", "Tokens", "tokens", (row) => count(row.total_tokens)),
    number("first_byte", "First byte", undefined, firstByte),
    number("duration", "Duration", "duration", (row) => duration(row.request_duration_ms)),
    text("ended", "Ended", (row) => instant(row.endTime, zone), "ended"),
    text("key", "Key", (row) => cut(row.api_key, keys.get(row.api_key) ?? shortId(row.api_key))),
    text("session", "Session", (row) =>
      row.session_id ? (
        <Link href={linkTo("logs", { ...kept, session: row.session_id })}>{cut(row.session_id)}</Link>
      ) : (
        NONE
      ),
    ),
    text("tags", "Tags", (row) => cut(row.request_tags.join(", "))),
    text("request_id", "Request id", (row) => <code className="cut">{row.request_id}</code>),
  ];
}
