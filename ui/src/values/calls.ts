import type { StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import type { LogRow } from "../api/logs";

/** How a call ended, as people say it. */
const ENDINGS: Record<string, string> = {
  finished: "Finished",
  upstream_error: "Provider error",
  upstream_unreachable: "Provider unreachable",
  upstream_cut: "Provider hung up",
  timed_out: "Timed out",
  client_gone: "Client hung up",
  nonsense: "Unreadable answer",
  gateway_error: "Gateway error",
  abandoned: "Abandoned",
};

export type Ended = { kind: StatusIndicatorProps.Type; text: string };

/** The status of a call: how it ended, and whether its usage was estimated or has no price. */
export function ended({ status, metadata }: Pick<LogRow, "status" | "metadata">): Ended {
  if (status === "open") return { kind: "in-progress", text: "Under way" };
  const { ending = "", http_status, estimated, unpriced } = metadata;
  const failed = status === "failure";
  const text = ENDINGS[ending] ?? ending.replaceAll("_", " ");
  const notes = [
    failed && http_status ? String(http_status) : "",
    estimated ? "estimated" : "",
    unpriced ? "unpriced" : "",
  ];
  const said = [text, ...notes.filter(Boolean)].join(", ");
  if (failed) return { kind: "error", text: said };
  return { kind: ending !== "finished" || estimated || unpriced ? "warning" : "success", text: said };
}

/** The classes that a usage is told apart by, as people say them. */
const CLASSES: Record<string, string> = {
  input: "Input",
  cache_read: "Cache read",
  cache_write_5m: "Cache write, 5 minutes",
  cache_write_1h: "Cache write, 1 hour",
  output: "Output",
  reasoning: "Reasoning",
  audio_in: "Audio in",
  audio_out: "Audio out",
  image_in: "Images in",
  image_out: "Images out",
  web_searches: "Web searches",
  file_searches: "File searches",
  code_executions: "Code executions",
  rerank_searches: "Rerank searches",
  images: "Images made",
  audio_seconds: "Seconds of audio",
  characters: "Characters spoken",
  billed_by_provider: "Billed by the provider",
  price_change: "Prices changed since",
  not_explained: "Not explained by today's prices",
};

export function className(name: string): string {
  return CLASSES[name] ?? name.replaceAll("_", " ");
}

/** A long id as a table shows it. */
export function shortId(id: string): string {
  return id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-6)}` : id;
}
