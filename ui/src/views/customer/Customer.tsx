import "../../parts/charts.css";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense } from "react";
import { pathOf } from "../../api/client";
import type { CustomerInfo } from "../../api/customers";
import { useApi } from "../../api/hooks";
import { Loading, Nothing } from "../../parts/Panel";
import { Head } from "./Head";
import { Overview } from "./Overview";
import { type Tab, useCustomer } from "./state";

const Calls = lazy(() => import("./Calls"));
const History = lazy(() => import("./History"));

/** Everything about one customer. */
export default function Customer() {
  const customer = useCustomer();
  const { id, known, admin, tab, setTab } = customer;
  const info = useApi<CustomerInfo>(known ? pathOf("/customer/info", { end_user_id: id }) : null);
  const tabs = [
    { id: "overview", label: "Overview", content: <Overview customer={customer} info={info} /> },
    { id: "calls", label: "Calls and sessions", content: <Calls customer={customer} /> },
    ...(admin && known ? [{ id: "history", label: "History", content: <History id={id} /> }] : []),
    { id: "invoices", label: "Invoices", content: <Nothing>Invoices come with billing.</Nothing> },
  ];
  return (
    <ContentLayout header={<Head customer={customer} info={info} />}>
      <Suspense fallback={<Loading height={480} />}>
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => void setTab(detail.activeTabId as Tab)}
          ariaLabel="What of the customer is shown"
          tabs={tabs}
        />
      </Suspense>
    </ContentLayout>
  );
}
