import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { EditCustomer } from "../customer/EditCustomer";
import { CustomerList } from "./CustomerList";
import { ImportCustomers } from "./ImportCustomers";

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
      {open === "new" && <EditCustomer id="" info={undefined} onClose={close} />}
      {open === "import" && <ImportCustomers onClose={close} />}
    </ContentLayout>
  );
}
