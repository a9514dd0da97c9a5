import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy } from "react";
import { type Asked, useApi } from "../../api/hooks";
import type { Series } from "../../api/types";
import { WhenNear } from "../../parts/WhenNear";
import { GROUPS } from "../../values/series";
import { Cards } from "./Cards";
import { SpendChart } from "./SpendChart";
import type { Usage } from "./state";

const CustomersTable = lazy(() => import("./CustomersTable"));
const Why = lazy(() => import("./Why"));

type Props = {
  usage: Usage;
  asked: Asked<Series>;
  /** The same with what it is compared with; not by hour. */
  whole: Asked<Series>;
};

/** Which customers spent what, and why it changed. */
export function Customers({ usage, asked, whole }: Props) {
  const group = usage.group ?? "customer";
  const chart = useApi<Series>(usage.seriesPath(group));
  return (
    <SpaceBetween size="l">
      <Cards asked={whole} points={asked.data?.points} filters={usage.filters} customers />
      <SpendChart usage={usage} asked={chart} group={group} groups={GROUPS} />
      <WhenNear height={640}>
        <CustomersTable />
      </WhenNear>
      <WhenNear height={640}>
        <Why filters={usage.filters} />
      </WhenNear>
    </SpaceBetween>
  );
}
