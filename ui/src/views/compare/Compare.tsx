import "../../parts/charts.css";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy } from "react";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Leaderboard, Series } from "../../api/types";
import { useFilters } from "../../app/url";
import { CustomerPicker } from "../../parts/CustomerPicker";
import { FilterBar } from "../../parts/FilterBar";
import { WhenNear } from "../../parts/WhenNear";
import { useSummaries } from "../usage/useSummaries";
import { Cards } from "./Cards";
import { MOST, outOfBounds } from "./choice";
import { everyOne } from "./everyOne";
import { Lines } from "./Lines";

const Models = lazy(() => import("./Models"));
const SideBySide = lazy(() => import("./SideBySide"));

/** Two to eight customers side by side. */
export default function Compare() {
  const { customers, set } = useFilters();
  const wrong = outOfBounds(customers.length);
  return (
    <ContentLayout header={<Header variant="h1">Compare customers</Header>}>
      <SpaceBetween size="l">
        <FilterBar parts={["compare", "zone"]} />
        <FormField label="Customers, two to eight" stretch>
          <CustomerPicker
            placeholder="None yet"
            value={customers}
            onChange={(ids) => void set({ customers: ids })}
          />
        </FormField>
        {wrong ? (
          <Container>
            <Box textAlign="center" padding="xxl">
              <Box variant="h2">{wrong}</Box>
              <Box color="text-body-secondary">
                Their spend, requests, tokens, models and budgets are then shown side by side.
              </Box>
            </Box>
          </Container>
        ) : (
          <Compared />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

function Compared() {
  const { query, compare, customers } = useFilters();
  const series = useApi<Series>(
    pathOf("/customer/activity/series", { ...query, compare, group_by: "customer", limit: MOST }),
  );
  const board = useApi<Leaderboard>(pathOf("/customer/leaderboard", { ...query, compare, limit: MOST }));
  const rows = everyOne(useSummaries(board), customers, compare !== "none");
  return (
    <SpaceBetween size="l">
      <Cards rows={rows} asked={board} series={series.data} />
      <Lines asked={series} />
      <WhenNear height={420}>
        <SideBySide rows={rows} asked={board} />
      </WhenNear>
      <WhenNear height={420}>
        <Models customers={customers} />
      </WhenNear>
    </SpaceBetween>
  );
}
