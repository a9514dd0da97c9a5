import type { Comparison, Effects } from "../../api/types";
import { csv } from "../../parts/downloads";
import { big, compare, type Exact, sum } from "../../values/money";

/** A model, and what each customer spent on it. */
export type ModelRow = { model: string; spend: ReadonlyMap<string, Exact>; total: Exact };

/** What customers spent on each model, the dearest model first; models that nobody used are left out. */
export function modelRows({ customers }: Comparison): ModelRow[] {
  const found = new Map<string, Map<string, Exact>>();
  for (const { end_user_id, models } of customers)
    for (const one of models as (Effects & { model: string })[]) {
      const spend = found.get(one.model) ?? new Map<string, Exact>();
      found.set(one.model, spend.set(end_user_id, one.current_spend));
    }
  return [...found]
    .map(([model, spend]) => ({ model, spend, total: sum([...spend.values()]) }))
    .filter(({ total }) => big(total).gt(0))
    .sort((left, right) => compare(right.total, left.total));
}

export function modelsCsv(rows: readonly ModelRow[], customers: readonly string[]): string {
  const lines = rows.map(({ model, spend }) => [
    model,
    ...customers.map((id) => big(spend.get(id)).toFixed()),
  ]);
  return csv(["model", ...customers], lines);
}
