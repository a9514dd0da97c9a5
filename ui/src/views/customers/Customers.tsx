import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";
import { CustomerList } from "./CustomerList";
import { ImportCustomers } from "./ImportCustomers";

const EditCustomer = lazy(() => import("../customer/EditCustomer"));

/** Everybody whom the gateway knows, and how to add more. */
export default function Customers() {
  const [open, setOpen] = useState<"new" | "import" | null>(null);
  const close = () => setOpen(null);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Everybody whom calls named or who was set up here"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button onClick={() => setOpen("import")}>Import from CSV</Button>
              <Button variant="primary" onClick={() => setOpen("new")}>
                New customer
              </Button>
            </SpaceBetween>
          }
        >
          Customers
        </Header>
      }
    >
      <CustomerList />
      <Suspense>{open === "new" && <EditCustomer id="" info={undefined} onClose={close} />}</Suspense>
      {open === "import" && <ImportCustomers onClose={close} />}
    </ContentLayout>
  );
}
