import type { Exact } from "../values/money";

/** GET /key/self: what the key typed in may do. */
export type Self = {
  key_alias: string | null;
  key_name: string;
  scopes: string[];
  customer_id: string | null;
  master: boolean;
  expires: string | null;
  reporting_timezone: string;
  hourly_retention_days: number;
  version: string;
};

/** Sums over calls; money in USD. */
type Metrics = {
  spend: Exact;
  api_requests: number;
  successful_requests: number;
  failed_requests: number;
  total_tokens: number;
  prompt_tokens: number;
  completion_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
  response_time_ms: number;
  timed_requests: number;
};
export type Totals = Metrics & Record<string, Exact>;
export type Points<N extends string = string> = Record<N, Exact[]>;
export type Measure = "spend" | "api_requests" | "total_tokens";

export type OneSeries = {
  id: string;
  name: string | null;
  other: boolean;
  totals: Metrics;
  points: Points<Measure>;
};
export type Compared = { start_date: string; end_date: string; totals: Totals; points: Points };

/** GET /customer/activity/series. */
export type Series = {
  interval: "hour" | "day" | "week";
  group_by: string;
  timezone: string;
  start_date: string;
  end_date: string;
  buckets: string[];
  series: OneSeries[];
  totals: Totals;
  points: Points;
  previous: Compared | null;
  values: {
    models: string[];
    model_groups: string[];
    providers: string[];
    endpoints: string[];
    api_keys: { id: string; alias: string | null }[];
  };
};

/** GET /customer/refusals. */
export type Refusals = {
  buckets: string[];
  series: { id: string; total: number; points: number[] }[];
  total: number;
  timezone: string;
};

export type Leader = Omit<Metrics, "response_time_ms" | "timed_requests"> & {
  rank: number;
  end_user_id: string;
  alias: string | null;
  previous_spend: Exact | null;
  growth: Exact | null;
};

/** GET /customer/leaderboard. */
export type Leaderboard = {
  results: Leader[];
  metadata: {
    total_spend: Exact;
    total_api_requests: number;
    total_customers: number;
    unique_customers: number;
    next_cursor: string | null;
    timezone: string;
  };
};

export type BudgetForecast = {
  budget_duration: string | null;
  model: string | null;
  limit_source: string;
  max_budget: Exact;
  spent: Exact;
  held: Exact;
  remaining: Exact;
  resets_at: string | null;
  runs_out_at: string | null;
  runs_out_on: string | null;
};

/** What a customer's month will come to. */
export type MonthForecast = {
  end_user_id: string;
  alias: string | null;
  spent: Exact;
  forecast: Exact;
  low: Exact;
  high: Exact;
  budgets: BudgetForecast[];
};

/** GET /customer/forecast. */
export type Forecasts = {
  results: MonthForecast[];
  metadata: { month_start: string; month_end: string; timezone: string };
};

/** A change split into its effects; they add up to `difference` exactly. */
export type Effects = {
  current_spend: Exact;
  previous_spend: Exact;
  difference: Exact;
  volume_effect: Exact;
  mix_effect: Exact;
  price_effect: Exact;
  current_units: number;
  previous_units: number;
};

/** GET /customer/compare. */
export type Comparison = Effects & {
  current: { start_date: string; end_date: string };
  previous: { start_date: string; end_date: string };
  customers: (Effects & {
    end_user_id: string;
    alias: string | null;
    models: (Effects & { model: string })[];
  })[];
};

/** One row of GET /customer/list. */
export type CustomerRow = { user_id: string; alias: string | null; blocked: boolean; spend: Exact };
