import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Series } from "../../api/types";
import { useFilters } from "../../app/url";
import { FilterBar } from "../../parts/FilterBar";
import { Panel } from "../../parts/Panel";
import { money } from "../../values/format";

/** Who spends what, on what, and how it changes. */
export default function Usage() {
  const { query, compare } = useFilters();
  const asked = useApi<Series>(pathOf("/customer/activity/series", { ...query, compare }));
  return (
    <ContentLayout header={<Header variant="h1">Usage</Header>}>
      <FilterBar values={asked.data?.values} />
      <Panel title="Spend" asked={asked} empty={(data) => data.totals.api_requests === 0}>
        {(data) => money(data.totals.spend)}
      </Panel>
    </ContentLayout>
  );
}
