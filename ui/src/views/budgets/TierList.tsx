import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import type { Asked } from "../../api/hooks";
import { follow } from "../../app/follow";
import { linkTo } from "../../app/url";
import { Panel } from "../../parts/Panel";
import { TierForm } from "./TierForm";
import { TierTable } from "./TierTable";
import { type Tier, tiersCsv } from "./tier";

/** All tiers. */
export function TierList({ asked }: { asked: Asked<Tier[]> }) {
  const [doing, setDoing] = useQueryState(
    "do",
    parseAsStringLiteral(["new"]).withOptions({ history: "push" }),
  );
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="A tier is a set of limits that many customers and keys share."
          actions={
            <Button variant="primary" onClick={() => void setDoing("new")}>
              Create a tier
            </Button>
          }
        >
          Budgets
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Panel
          title="Tiers"
          asked={asked}
          csv={tiersCsv}
          height={320}
          empty={(tiers) => tiers.length === 0}
          emptyText="There is no tier yet. Create one, such as “free”, and put customers on it."
        >
          {(tiers) => <TierTable tiers={tiers} />}
        </Panel>
      </SpaceBetween>
      {doing === "new" && (
        <TierForm
          tier={null}
          onDismiss={() => void setDoing(null)}
          onDone={(id) => follow(linkTo("budgets", { id }))}
        />
      )}
    </ContentLayout>
  );
}
