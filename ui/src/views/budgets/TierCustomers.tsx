import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { Pages } from "../../api/hooks";
import type { CustomerRow } from "../../api/types";
import { linkTo } from "../../app/url";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { exactMoney, money } from "../../values/format";
import { customerName } from "../../values/ids";
import { howMany } from "./users";

/** The customers on a tier, a page at a time. */
export function TierCustomers({ users }: { users: Pages<CustomerRow> }) {
  const rows = users.pages.flatMap((page) => page.rows);
  const asked = { ...users, data: users.pages.length ? rows : undefined };
  return (
    <Panel
      title="Customers on it"
      description={users.pages.length ? howMany(users) : "Counting"}
      asked={asked}
      height={160}
      empty={(found) => found.length === 0 && users.more === null}
      emptyText="Nobody is on this tier. It limits those whose key names it, or everybody if it is the deployment's default."
    >
      {(found) => (
        <SpaceBetween size="s">
          <Table
            variant="borderless"
            items={found}
            trackBy="user_id"
            ariaLabels={{ tableLabel: "Customers on the tier" }}
            columnDefinitions={[
              {
                id: "customer",
                header: "Customer",
                isRowHeader: true,
                cell: ({ user_id, alias }) => (
                  <Link href={linkTo("customer", { id: user_id })}>{customerName(user_id, alias)}</Link>
                ),
              },
              { id: "id", header: "Id", cell: ({ user_id }) => <span className="anywhere">{user_id}</span> },
              { id: "blocked", header: "State", cell: ({ blocked }) => (blocked ? "Blocked" : "Active") },
              {
                id: "spend",
                header: <div className="right">Total spend</div>,
                cell: ({ spend }) => (
                  <div className="numbers right" title={exactMoney(spend)}>
                    {money(spend)}
                  </div>
                ),
              },
            ]}
          />
          {users.more && (
            <Button onClick={users.more} loading={users.loadingMore}>
              Show more
            </Button>
          )}
        </SpaceBetween>
      )}
    </Panel>
  );
}
