import { parseAsString, useQueryState } from "nuqs";
import { useApi } from "../../api/hooks";
import { AdminOnly } from "../../parts/AdminOnly";
import { TierList } from "./TierList";
import { TierPage } from "./TierPage";
import type { Tier } from "./tier";

/** Tiers of limits: all of them, or the one that the address names. */
export default function Budgets() {
  return (
    <AdminOnly title="Budgets">
      <Tiers />
    </AdminOnly>
  );
}

function Tiers() {
  const [id] = useQueryState("id", parseAsString);
  const asked = useApi<Tier[]>("/budget/list");
  if (id === null) return <TierList asked={asked} />;
  return <TierPage key={id} id={id} asked={asked} />;
}
