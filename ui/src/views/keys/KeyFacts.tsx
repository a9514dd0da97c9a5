import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { useSession } from "../../app/session";
import { linkTo } from "../../app/url";
import { Lines } from "../../parts/Lines";
import { Link } from "../../parts/Link";
import { capTexts, modelTexts, rateTexts } from "../../parts/limits/texts";
import { instant } from "../../values/dates";
import { exactMoney } from "../../values/format";
import type { VirtualKey } from "./key";
import { StateBadge } from "./StateBadge";

function Tier({ id }: { id: string | null }) {
  return id ? <Link href={linkTo("budgets", { id })}>{id}</Link> : <>–</>;
}

/** All that is set of a key, and what it has spent. */
export function KeyFacts({ of }: { of: VirtualKey }) {
  const { self } = useSession();
  const zone = self.reporting_timezone;
  const spend = (
    <>
      <span className="numbers">{exactMoney(of.spend)}</span>{" "}
      <Link href={linkTo("usage", { api_key: of.token })}>see its usage</Link>
    </>
  );
  return (
    <KeyValuePairs
      columns={4}
      minColumnWidth={200}
      items={[
        { label: "State", value: <StateBadge of={of} /> },
        { label: "Scopes", value: <Lines texts={of.scopes} /> },
        { label: "Speaks for", value: of.customer_id ?? "any customer" },
        { label: "Models", value: of.models.length ? <Lines texts={of.models} /> : "every model" },
        { label: "Total spend", value: spend },
        { label: "Last used", value: of.last_used_at ? instant(of.last_used_at, zone) : "Never" },
        { label: "Expires", value: of.expires ? instant(of.expires, zone) : "Never" },
        { label: "Created", value: instant(of.created_at, zone) },
        { label: "Its tier", value: <Tier id={of.budget_id} /> },
        { label: "Tier of its customers", value: <Tier id={of.end_user_budget_id} /> },
        { label: "Own limits", value: <Lines texts={[...capTexts(of), ...rateTexts(of)]} /> },
        { label: "Single models", value: <Lines texts={modelTexts(of)} /> },
        { label: "Secret", value: of.key_name },
        { label: "Id", value: <span className="anywhere">{of.token}</span> },
      ]}
    />
  );
}
