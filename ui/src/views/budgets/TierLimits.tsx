import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useSession } from "../../app/session";
import { Lines } from "../../parts/Lines";
import { capTexts, modelTexts, rateTexts } from "../../parts/limits/texts";
import { instant } from "../../values/dates";
import { exactMoney } from "../../values/format";
import type { Tier } from "./tier";

/** What a tier limits. */
export function TierLimits({ tier }: { tier: Tier }) {
  const { self } = useSession();
  const zone = self.reporting_timezone;
  return (
    <KeyValuePairs
      columns={4}
      minColumnWidth={200}
      items={[
        { label: "Budget", value: <Lines texts={capTexts(tier)} /> },
        { label: "Rates", value: <Lines texts={rateTexts(tier)} /> },
        { label: "Single models", value: <Lines texts={modelTexts(tier)} /> },
        { label: "Mode", value: tier.mode === "observe" ? "Observe: nothing is refused" : "Strict" },
        { label: "Soft budget", value: tier.soft_budget === null ? "–" : exactMoney(tier.soft_budget) },
        { label: "Window ends", value: instant(tier.budget_reset_at, zone) },
        { label: "Created", value: instant(tier.created_at, zone) },
        { label: "Changed", value: instant(tier.updated_at, zone) },
      ]}
    />
  );
}
