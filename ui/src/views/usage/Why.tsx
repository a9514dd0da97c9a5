import SpaceBetween from "@cloudscape-design/components/space-between";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Comparison } from "../../api/types";
import type { Filters } from "../../app/url";
import { csv } from "../../parts/downloads";
import { Nothing, Panel } from "../../parts/Panel";
import { rangeLabel } from "../../values/dates";
import { signedMoney } from "../../values/format";
import { big } from "../../values/money";
import { EffectsTable } from "./EffectsTable";
import { Waterfall } from "./Waterfall";

const TOLD_APART = 10;
const EFFECTS = [
  "previous_spend",
  "current_spend",
  "difference",
  "volume_effect",
  "mix_effect",
  "price_effect",
] as const;

/** Why spend is not what it was: more calls, other calls, or other prices. */
export default function Why({ filters }: { filters: Filters }) {
  const compares = filters.compare !== "none";
  const path = pathOf("/customer/compare", { ...filters.query, to: filters.compare, limit: TOLD_APART });
  const asked = useApi<Comparison>(compares ? path : null);
  if (!compares) return <Uncompared chosen={filters.chosenCompare !== "none"} />;
  return (
    <Panel
      title="Why did it change"
      description={asked.data ? summary(asked.data) : "\u00a0"}
      asked={asked}
      height={420}
      empty={(data) => big(data.current_spend).eq(0) && big(data.previous_spend).eq(0)}
      emptyText="Nothing was spent in either range. Choose other days or fewer filters."
      csv={effectsCsv}
    >
      {(data) => (
        <SpaceBetween size="l">
          <Waterfall effects={data} />
          <EffectsTable customers={data.customers} />
        </SpaceBetween>
      )}
    </Panel>
  );
}

function Uncompared({ chosen }: { chosen: boolean }) {
  const text = chosen
    ? "What came before is not known in this time zone. Choose later days, or the zone of reports."
    : "Choose above what to compare with, to see why spend changed.";
  const asked = { path: null, data: null, error: null, loading: false, refreshing: false, reload: () => {} };
  return (
    <Panel title="Why did it change" asked={asked}>
      {() => <Nothing>{text}</Nothing>}
    </Panel>
  );
}

function summary({ current, previous, difference }: Comparison): string {
  const days = (range: typeof current) => rangeLabel({ start: range.start_date, end: range.end_date });
  return `${signedMoney(difference)} in ${days(current)}, compared with ${days(previous)}.`;
}

function effectsCsv({ customers }: Comparison): string {
  const rows = customers.flatMap((customer) =>
    customer.models.map((one) => [
      customer.end_user_id,
      one.model,
      ...EFFECTS.map((name) => big(one[name]).toFixed()),
    ]),
  );
  return csv(["customer", "model", ...EFFECTS], rows);
}
