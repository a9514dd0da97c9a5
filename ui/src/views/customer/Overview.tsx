import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy } from "react";
import { pathOf } from "../../api/client";
import type { CustomerInfo } from "../../api/customers";
import { type Asked, useApi } from "../../api/hooks";
import type { Series } from "../../api/types";
import { FilterBar } from "../../parts/FilterBar";
import { WhenNear } from "../../parts/WhenNear";
import { Cards } from "../usage/Cards";
import { Month } from "./Month";
import { Spend } from "./Spend";
import type { Customer } from "./state";
import { Windows } from "./Windows";

const Breakdown = lazy(() => import("./Breakdown"));
const MOST = 50;

/** What a customer spends, on what, and what is left of its budgets. */
export function Overview({ customer, info }: { customer: Customer; info: Asked<CustomerInfo> }) {
  const { query, filters, known } = customer;
  const series = (group_by: string) =>
    pathOf("/customer/activity/series", { ...query, compare: filters.compare, group_by, limit: MOST });
  const models = useApi<Series>(series("model"));
  const keys = useApi<Series>(series("api_key"));
  return (
    <SpaceBetween size="l">
      <FilterBar parts={["compare", "zone"]} />
      <Cards asked={models} filters={filters} customers={false} />
      {known && (
        <div className="pair">
          {info.error?.status !== 404 && <Windows asked={info} />}
          <Month id={customer.id} />
        </div>
      )}
      <Spend asked={models} />
      <WhenNear height={280}>
        <div className="pair">
          <Breakdown title="Models" group="model" asked={models} />
          <Breakdown title="Keys" group="api_key" asked={keys} />
        </div>
      </WhenNear>
    </SpaceBetween>
  );
}
