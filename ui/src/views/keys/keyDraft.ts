import { changesOf, draftOf, type LimitDraft, NO_LIMITS } from "../../values/limits";
import type { VirtualKey } from "./key";

const ONE = "usage:read:";

export type Reads = "nothing" | "everybody" | "some";
/** `keep` leaves the expiry as it is; any other is a duration from now on, "" for never. */
type Lasting = "keep" | string;

/** A key in a form. */
export type KeyDraft = {
  key_alias: string;
  proxy: boolean;
  admin: boolean;
  reads: Reads;
  readable: string[];
  customer_id: string;
  models: string[];
  lasting: Lasting;
  budget_id: string;
  end_user_budget_id: string;
  limits: LimitDraft;
};

export const NEW_KEY: KeyDraft = {
  key_alias: "",
  proxy: true,
  admin: false,
  reads: "nothing",
  readable: [],
  customer_id: "",
  models: [],
  lasting: "",
  budget_id: "",
  end_user_budget_id: "",
  limits: NO_LIMITS,
};

export function keyDraftOf(key: VirtualKey): KeyDraft {
  const readable = key.scopes
    .filter((scope) => scope.startsWith(ONE))
    .map((scope) => scope.slice(ONE.length));
  const everybody = key.scopes.includes("usage:read");
  return {
    key_alias: key.key_alias ?? "",
    proxy: key.scopes.includes("proxy"),
    admin: key.scopes.includes("admin"),
    reads: everybody ? "everybody" : readable.length ? "some" : "nothing",
    readable,
    customer_id: key.customer_id ?? "",
    models: key.models,
    lasting: "keep",
    budget_id: key.budget_id ?? "",
    end_user_budget_id: key.end_user_budget_id ?? "",
    limits: draftOf(key),
  };
}

/** What a key of a draft may do, as the API writes it. */
export function scopesOf({ proxy, admin, reads, readable }: KeyDraft): string[] {
  const usage =
    reads === "everybody" ? ["usage:read"] : reads === "some" ? readable.map((id) => ONE + id) : [];
  return [...(proxy ? ["proxy"] : []), ...(admin ? ["admin"] : []), ...usage];
}

/** What is to be sent of a draft: what differs from the key, or of a new key, all that is set. */
export function keyBody(draft: KeyDraft, key: VirtualKey | null): Record<string, unknown> {
  const before = key ? keyDraftOf(key) : NEW_KEY;
  const sent: Record<string, unknown> = {};
  const scopes = scopesOf(draft);
  if (!key || scopes.join() !== [...key.scopes].join()) sent.scopes = scopes;
  for (const name of ["key_alias", "customer_id", "end_user_budget_id", "budget_id"] as const)
    if (draft[name].trim() !== before[name]) sent[name] = draft[name].trim() || null;
  if (draft.models.join() !== before.models.join()) sent.models = draft.models;
  if (draft.lasting === "" && key?.expires) sent.expires = null;
  if (draft.lasting && draft.lasting !== "keep") sent.duration = draft.lasting;
  return draft.budget_id ? sent : { ...sent, ...changesOf(draft.limits, before.limits) };
}

/** What cannot be sent, by field; limits have their own. */
export function keyFaults(draft: KeyDraft): Map<string, string> {
  const found = new Map<string, string>();
  if (!scopesOf(draft).length) found.set("scopes", "Choose at least one thing that the key may do.");
  if (draft.reads === "some" && !draft.readable.length)
    found.set("readable", "Choose at least one customer.");
  return found;
}
