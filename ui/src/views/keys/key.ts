import { pathOf } from "../../api/client";
import type { Limits } from "../../values/limits";
import type { Exact } from "../../values/money";

/** A key as /key/list tells it; `token` is its id, its secret is never told. */
export type VirtualKey = Limits & {
  token: string;
  key_name: string;
  key_alias: string | null;
  spend: Exact;
  expires: string | null;
  scopes: string[];
  customer_id: string | null;
  models: string[];
  blocked: boolean;
  budget_id: string | null;
  end_user_budget_id: string | null;
  created_at: string;
  last_used_at: string | null;
};

export type Keys = { keys: VirtualKey[]; total_count: number; current_page: number; total_pages: number };

export const PAGE = 100;
/** The first hundred keys, which for most deployments are all. */
export const KEYS = keysPath(1);

export function keysPath(page: number, alias = ""): string {
  return pathOf("/key/list", { page, size: PAGE, return_full_object: true, key_alias: alias });
}

export function keyName(key: Pick<VirtualKey, "key_alias" | "key_name">): string {
  return key.key_alias || key.key_name;
}

export type State = "active" | "blocked" | "expired";

export function stateOf(key: VirtualKey, now: Date): State {
  if (key.blocked) return "blocked";
  return key.expires !== null && Date.parse(key.expires) <= now.getTime() ? "expired" : "active";
}

/** The keys whose alias, masked secret, id or customer has a text in it, in any case. */
export function having(keys: readonly VirtualKey[], text: string): VirtualKey[] {
  const sought = text.trim().toLowerCase();
  const texts = (key: VirtualKey) => [key.key_alias, key.key_name, key.token, key.customer_id];
  return keys.filter((key) => texts(key).some((one) => one?.toLowerCase().includes(sought)));
}
