import type { Limits } from "../values/limits";
import type { Exact } from "../values/money";

/** One budget of a customer in its present window; money in USD. */
export type WindowLeft = {
  budget_duration: string | null;
  model: string | null;
  max_budget: Exact;
  spent: Exact;
  held: Exact;
  remaining: Exact;
  window_start: string | null;
  resets_at: string | null;
};

/** GET /customer/info. */
export type CustomerInfo = {
  user_id: string;
  alias: string | null;
  blocked: boolean;
  spend: Exact;
  models: string[];
  default_model: string | null;
  budget_id: string | null;
  /** Its own limits, or those of its tier. */
  litellm_budget_table: Limits | null;
  created_at: string;
  updated_at: string | null;
  last_seen_at: string | null;
  limits_source: string;
  budgets: WindowLeft[];
};

/** One record of GET /audit. */
export type AuditRecord = {
  id: string;
  updated_at: string;
  changed_by: string;
  action: string;
  source: string | null;
  before_value: Record<string, unknown> | null;
  updated_values: Record<string, unknown> | null;
};
export type Audit = { audit_logs: AuditRecord[]; has_more: boolean; next_cursor: string | null };

/** What became of each row of POST /customer/bulk. */
export type BulkRow = {
  row: number;
  user_id: string | null;
  status: "created" | "error";
  field?: string | null;
  reason?: string;
};
export type BulkReport = { created: number; failed: number; rows: BulkRow[] };
