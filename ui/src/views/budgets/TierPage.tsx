import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { pathOf } from "../../api/client";
import { type Asked, usePages } from "../../api/hooks";
import type { CustomerRow } from "../../api/types";
import { follow } from "../../app/follow";
import { linkTo } from "../../app/url";
import { Link } from "../../parts/Link";
import { Nothing, Panel } from "../../parts/Panel";
import { Assign } from "./Assign";
import { DeleteTier } from "./DeleteTier";
import { TierCustomers } from "./TierCustomers";
import { TierForm } from "./TierForm";
import { TierKeys } from "./TierKeys";
import { TierLimits } from "./TierLimits";
import type { Tier } from "./tier";

const FIRST = 20;

/** One tier: its limits, who is on it, and how to put somebody on it. */
export function TierPage({ id, asked }: { id: string; asked: Asked<Tier[]> }) {
  const [doing, setDoing] = useQueryState(
    "do",
    parseAsStringLiteral(["edit", "delete"]).withOptions({ history: "push" }),
  );
  const users = usePages<CustomerRow>(pathOf("/customer/list", { budget_id: id, page_size: FIRST }));
  const tier = asked.data?.find((one) => one.budget_id === id);
  const close = () => void setDoing(null);
  const gone = asked.data !== undefined && !tier;
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={<Link href={linkTo("budgets")}>All tiers</Link>}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!tier} onClick={() => void setDoing("delete")}>
                Delete
              </Button>
              <Button variant="primary" disabled={!tier} onClick={() => void setDoing("edit")}>
                Edit
              </Button>
            </SpaceBetween>
          }
        >
          <span className="anywhere">{id}</span>
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Panel title="Limits" asked={asked} height={160}>
          {() =>
            tier ? (
              <TierLimits tier={tier} />
            ) : (
              <Nothing>There is no tier “{id}”: it may have been deleted.</Nothing>
            )
          }
        </Panel>
        <TierCustomers users={users} />
        <TierKeys id={id} />
        {!gone && <Assign id={id} />}
      </SpaceBetween>
      {tier && doing === "edit" && <TierForm tier={tier} onDismiss={close} onDone={close} />}
      {tier && doing === "delete" && (
        <DeleteTier
          tier={tier}
          users={users}
          onDismiss={close}
          onDone={() => {
            follow(linkTo("budgets"));
            asked.reload(); // the list was there all along
          }}
        />
      )}
    </ContentLayout>
  );
}
