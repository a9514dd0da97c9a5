import Table from "@cloudscape-design/components/table";
import { useApi } from "../../api/hooks";
import { linkTo } from "../../app/url";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { KEYS, type Keys, keyName, type VirtualKey } from "../keys/key";

/** The keys on a tier, or whose customers are; of the first hundred keys. */
export function TierKeys({ id }: { id: string }) {
  const asked = useApi<Keys>(KEYS);
  const of = ({ keys }: Keys) => keys.filter((key) => key.budget_id === id || key.end_user_budget_id === id);
  const cut = asked.data && asked.data.total_pages > 1;
  return (
    <Panel
      title="Keys on it"
      description={cut ? "Of the first hundred keys" : undefined}
      asked={asked}
      height={80}
      empty={(keys) => of(keys).length === 0}
      emptyText="No key names this tier."
    >
      {(keys) => (
        <Table
          variant="borderless"
          items={of(keys)}
          trackBy="token"
          ariaLabels={{ tableLabel: "Keys on the tier" }}
          columnDefinitions={[
            {
              id: "key",
              header: "Key",
              isRowHeader: true,
              cell: (key) => <Link href={linkTo("keys", { id: key.token })}>{keyName(key)}</Link>,
            },
            { id: "how", header: "Holds for", cell: (key: VirtualKey) => held(key, id) },
          ]}
        />
      )}
    </Panel>
  );
}

function held(key: VirtualKey, id: string): string {
  const itself = key.budget_id === id ? ["the key itself"] : [];
  const customers = key.end_user_budget_id === id ? ["its customers that have no limits of their own"] : [];
  return [...itself, ...customers].join(", ");
}
