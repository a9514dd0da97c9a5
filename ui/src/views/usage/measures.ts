import type { Measure, Series } from "../../api/types";
import { csv } from "../../parts/downloads";
import { compactCount, compactMoney, count, exactMoney } from "../../values/format";
import { type Amount, big } from "../../values/money";
import { type Group, type Row, seriesName } from "../../values/series";

type Words = { text: string; show: (value: Amount) => string; mark: (value: number) => string };

/** How each measure is called, shown exactly, and marked on an axis. */
export const MEASURED: Record<Measure, Words> = {
  spend: { text: "Spend", show: exactMoney, mark: compactMoney },
  total_tokens: { text: "Tokens", show: count, mark: compactCount },
  api_requests: { text: "Requests", show: count, mark: compactCount },
};

export const GROUP_NAMES: Record<Group, string> = {
  customer: "Customer",
  model: "Model",
  provider: "Provider",
  api_key: "Key",
  endpoint: "Endpoint",
};

/** A chart as CSV: a row for each bucket, a column for each series, every digit. */
export function chartCsv(buckets: readonly string[], rows: readonly Row[]): string {
  const lines = buckets.map((bucket, at) => [bucket, ...rows.map(({ values }) => big(values[at]).toFixed())]);
  return csv(["bucket", ...rows.map(({ id, title }) => id || title)], lines);
}

/** The series as CSV: totals with every digit. */
export function totalsCsv({ series }: Series, group: Group): string {
  const rows = series.map((one) => [
    one.id,
    seriesName(one, group),
    ...[one.totals.spend, one.totals.api_requests, one.totals.failed_requests, one.totals.total_tokens].map(
      (value) => big(value).toFixed(),
    ),
  ]);
  return csv(["id", "name", "spend", "requests", "failed_requests", "tokens"], rows);
}
