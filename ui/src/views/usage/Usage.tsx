import "../../parts/charts.css";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useApi } from "../../api/hooks";
import type { Series } from "../../api/types";
import { roleOf, useSession } from "../../app/session";
import { FilterBar } from "../../parts/FilterBar";
import { FirstCall } from "../../parts/FirstCall";
import { Customers } from "./Customers";
import { Overview } from "./Overview";
import { type Tab, useUsage } from "./state";
import { useNoCallEver } from "./useNoCallEver";

/** Who spends what, on what, and how it changes. */
export default function Usage() {
  const usage = useUsage();
  const own = roleOf(useSession().self) === "customer";
  const group = usage.tab === "customers" && !own ? "customer" : "model";
  const asked = useApi<Series>(usage.seriesPath(group));
  const whole = useApi<Series>(usage.seriesPath(group, usage.interval === "hour" ? "day" : usage.interval));
  const first = useNoCallEver(asked, usage.filters);
  const overview = <Overview usage={usage} asked={asked} whole={whole} />;
  return (
    <ContentLayout header={<Header variant="h1">Usage</Header>}>
      <SpaceBetween size="l">
        <FilterBar values={asked.data?.values} />
        {first ? (
          <FirstCall />
        ) : own ? (
          overview
        ) : (
          <Tabs
            activeTabId={usage.tab}
            onChange={({ detail }) => void usage.set({ tab: detail.activeTabId as Tab, group: null })}
            tabs={[
              { id: "overview", label: "Overview", content: overview },
              {
                id: "customers",
                label: "Customer usage",
                content: <Customers usage={usage} asked={asked} whole={whole} />,
              },
            ]}
          />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
