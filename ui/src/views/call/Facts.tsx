import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { ReactNode } from "react";
import type { Call } from "../../api/logs";
import { linkTo, useKept } from "../../app/url";
import { Link } from "../../parts/Link";
import { ended, shortId } from "../../values/calls";
import { count, duration, exactMoney, money } from "../../values/format";
import { customerName, UNASSIGNED } from "../../values/ids";

/** What a call was: who, what, by which key, and how it ended. */
export function Facts({ call }: { call: Call }) {
  const { kind, text } = ended(call);
  const kept = useKept();
  const day = call.timings.day;
  const range = `${day}..${day}`;
  const open = call.status === "open";
  return (
    <KeyValuePairs
      columns={4}
      items={[
        { label: "Status", value: <StatusIndicator type={kind}>{text}</StatusIndicator> },
        {
          label: "Customer",
          value: (
            <Link href={linkTo("customer", { ...kept, id: call.end_user || UNASSIGNED })}>
              {id(customerName(call.end_user))}
            </Link>
          ),
        },
        { label: "Model", value: named(call.model, call.model_group) },
        { label: "Provider", value: call.custom_llm_provider || "–" },
        {
          label: "Spend",
          value: open ? "–" : <span title={exactMoney(call.spend)}>{money(call.spend)}</span>,
        },
        {
          label: "Tokens",
          value: open ? "–" : `${count(call.prompt_tokens)} in, ${count(call.completion_tokens)} out`,
        },
        { label: "Duration", value: open ? "–" : duration(call.request_duration_ms) },
        { label: "Endpoint", value: `${call.call_type}${call.metadata.stream ? ", streamed" : ""}` },
        {
          label: "Key",
          value: <Link href={linkTo("logs", { api_key: call.api_key, range })}>{shortId(call.api_key)}</Link>,
        },
        {
          label: "Session",
          value: call.session_id ? (
            <Link href={linkTo("logs", { session: call.session_id, range })}>{id(call.session_id)}</Link>
          ) : (
            "–"
          ),
        },
        {
          label: "Tags",
          value: call.request_tags.length ? <Tags tags={call.request_tags} range={range} /> : "–",
        },
        { label: "Request id", value: <Copied text={call.request_id} /> },
        ...attempts(call),
      ]}
    />
  );
}

function named(model: string, group: string): string {
  return group && group !== model ? `${model} (asked for as ${group})` : model;
}

function id(text: string): ReactNode {
  return <span className="breaks">{text}</span>;
}

function Tags({ tags, range }: { tags: readonly string[]; range: string }) {
  return tags.map((tag, at) => (
    <span key={tag}>
      {at > 0 && ", "}
      <Link href={linkTo("logs", { tag, range })}>{tag}</Link>
    </span>
  ));
}

function Copied({ text }: { text: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel="Copy the request id"
      copySuccessText="Copied"
      copyErrorText="The browser did not let it be copied"
    />
  );
}

/** Only of a call that was tried more than once, or let pass by a limit that observes. */
function attempts({ metadata, litellm_call_id, request_id }: Call) {
  const { attempted_fallbacks, would_block } = metadata;
  return [
    ...(attempted_fallbacks
      ? [
          {
            label: `Attempt ${attempted_fallbacks + 1} of a call`,
            value:
              litellm_call_id === request_id ? (
                "–"
              ) : (
                <Link href={linkTo("call", { id: litellm_call_id })}>The first attempt</Link>
              ),
          },
        ]
      : []),
    ...(would_block ? [{ label: "Would have been refused by", value: would_block }] : []),
  ];
}
