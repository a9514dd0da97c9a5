import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy } from "react";
import type { Asked } from "../../api/hooks";
import { useApi } from "../../api/hooks";
import type { Series } from "../../api/types";
import { roleOf, useSession } from "../../app/session";
import { WhenNear } from "../../parts/WhenNear";
import { GROUPS } from "../../values/series";
import { Activity } from "./Activity";
import { Cards } from "./Cards";
import { SpendChart } from "./SpendChart";
import type { Usage } from "./state";

// Tables are a part of Cloudscape as large as React.
const Breakdown = lazy(() => import("./Breakdown"));
const TopTags = lazy(() => import("./Tags"));

type Props = {
  usage: Usage;
  asked: Asked<Series>;
  /** The same with what it is compared with; not by hour. */
  whole: Asked<Series>;
};

/** What all customers together spent, on what, and how it went. */
export function Overview({ usage, asked, whole }: Props) {
  const own = roleOf(useSession().self) === "customer";
  const groups = GROUPS.filter((group) => group !== "customer" || !own);
  const group = groups.find((one) => one === usage.group) ?? "model";
  const chart = useApi<Series>(usage.seriesPath(group));
  const breakdown = useApi<Series>(usage.seriesPath(usage.by));
  return (
    <SpaceBetween size="l">
      <Cards asked={whole} points={asked.data?.points} filters={usage.filters} customers={!own} />
      <SpendChart usage={usage} asked={chart} group={group} groups={groups} />
      <WhenNear height={420}>
        <Breakdown usage={usage} asked={breakdown} />
      </WhenNear>
      <Activity usage={usage} asked={asked} />
      {!own && (
        <WhenNear height={0}>
          <TopTags filters={usage.filters} />
        </WhenNear>
      )}
    </SpaceBetween>
  );
}
