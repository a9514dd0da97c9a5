import { parseAsString, useQueryState } from "nuqs";
import { AdminOnly } from "../../parts/AdminOnly";
import { KeyList } from "./KeyList";
import { KeyPage } from "./KeyPage";

/** Virtual keys: all of them, or the one that the address names. */
export default function Keys() {
  const [id] = useQueryState("id", parseAsString);
  return <AdminOnly title="Keys">{id === null ? <KeyList /> : <KeyPage key={id} id={id} />}</AdminOnly>;
}
