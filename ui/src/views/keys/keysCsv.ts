import { csv } from "../../parts/downloads";
import { big } from "../../values/money";
import { stateOf, type VirtualKey } from "./key";

export function keysCsv(keys: readonly VirtualKey[]): string {
  const header = [
    "key_id",
    "key_alias",
    "key_name",
    "state",
    "scopes",
    "customer_id",
    "spend",
    "last_used_at",
    "expires",
  ];
  const rows = keys.map((key) => [
    key.token,
    key.key_alias ?? "",
    key.key_name,
    stateOf(key, new Date()),
    key.scopes.join("; "),
    key.customer_id ?? "",
    big(key.spend).toFixed(),
    key.last_used_at ?? "",
    key.expires ?? "",
  ]);
  return csv(header, rows);
}
