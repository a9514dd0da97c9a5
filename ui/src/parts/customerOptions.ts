import type { CustomerRow, Leader } from "../api/types";
import { money } from "../values/format";
import { customerName, OTHERS, shortened, UNASSIGNED } from "../values/ids";

export type CustomerOption = {
  value: string;
  label: string;
  alias: string | null;
  description?: string;
  labelTag?: string;
};
type Named = { id: string; alias: string | null };

/** A customer to choose: its alias with the id below, or the id. */
export function option({ id, alias }: Named, labelTag?: string): CustomerOption {
  return {
    value: id,
    alias,
    label: shortened(customerName(id, alias)),
    ...(alias && alias !== id ? { description: shortened(id) } : {}),
    ...(labelTag ? { labelTag } : {}),
  };
}

/** Those who spent most, to choose from before anything is typed. */
export function leadingOptions(leaders: readonly Leader[]): CustomerOption[] {
  return leaders
    .filter(({ end_user_id }) => end_user_id !== OTHERS)
    .map((one) => option({ id: one.end_user_id, alias: one.alias }, money(one.spend)));
}

export function foundOptions(rows: readonly CustomerRow[]): CustomerOption[] {
  return rows.map((row) =>
    option({ id: row.user_id, alias: row.alias }, row.blocked ? "Blocked" : undefined),
  );
}

/** Those of whose id or name what was typed is a part. */
export function matching(leaders: readonly Leader[], typed: string): Leader[] {
  const wanted = typed.toLowerCase();
  return leaders.filter(({ end_user_id, alias }) =>
    [end_user_id, alias ?? ""].some((text) => text.toLowerCase().includes(wanted)),
  );
}

/** What was typed as an id to choose as it stands: somebody may be known to the ledger only. */
export function exactly(typed: string, options: readonly CustomerOption[]): CustomerOption[] {
  const id = typed.trim();
  if (!id || options.some(({ value }) => value === id)) return [];
  const label = id === UNASSIGNED ? UNASSIGNED : `Use exactly “${shortened(id)}”`;
  return [{ value: id, alias: null, label }];
}
