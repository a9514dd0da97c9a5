import type { Exact } from "../values/money";

/** One call in the log: LiteLLM's row. `open` while it is under way. */
export type LogRow = {
  request_id: string;
  call_type: string;
  api_key: string;
  spend: Exact;
  total_tokens: number;
  prompt_tokens: number;
  completion_tokens: number;
  startTime: string;
  endTime: string | null;
  request_duration_ms: number | null;
  completionStartTime: string | null;
  status: "success" | "failure" | "open";
  model: string;
  model_group: string;
  custom_llm_provider: string;
  end_user: string;
  request_tags: string[];
  session_id: string | null;
  litellm_call_id: string;
  metadata: {
    stream: boolean;
    attempted_fallbacks: number;
    would_block: string | null;
    usage_object?: Record<string, number>;
    ending?: string;
    http_status?: number | null;
    service_tier?: string | null;
    estimated?: string | null;
    unpriced?: boolean;
  };
};

/** GET /spend/logs/v2; `total` is null where only reading everything would tell. */
export type LogPage = { data: LogRow[]; total: number | null; has_more: boolean; next_cursor: string | null };

/** The same with `since`: what came, oldest first. */
export type LogTail = { data: LogRow[]; has_more: boolean; next_since: string };

/** One line of a cost: quantity × unit price ÷ per. */
export type CostLine = { class: string; quantity: number; unit_price: Exact; per: Exact; amount: Exact };

/** What a call used and was charged: all that a customer's key is told. */
export type Charge = {
  lines: Pick<CostLine, "class" | "quantity">[];
  charge: Exact;
  estimated: string | null;
  unpriced: boolean;
};

export type Cost = Omit<Charge, "lines"> & {
  lines: CostLine[];
  cost: Exact;
  price_version: string | null;
  current_price_version: string | null;
  price_changed: boolean;
};

export type Hold = {
  held: Exact;
  held_tokens: number;
  windows: string | null;
  key_windows: string | null;
  input_estimate: number;
  output_limit: number | null;
};

export type Timings = {
  started_at: string;
  day: string;
  closed_at: string | null;
  first_byte_after_ms?: number | null;
  answered_after_ms: number | null;
  duration_ms: number | null;
};

/** GET /spend/logs/{request_id}. */
export type Call = LogRow & { timings: Timings; hold: Hold; cost_breakdown: Cost | Charge | null };
