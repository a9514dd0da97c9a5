import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense, useState } from "react";
import type { CustomerInfo } from "../../api/customers";
import { Confirm, type Question } from "./Confirm";

const EditCustomer = lazy(() => import("./EditCustomer")); // a form is larger than what leads to it

type Props = { id: string; info: CustomerInfo | undefined };

/** What an admin can do about a customer; each asks first. */
export function Actions({ id, info }: Props) {
  const [asked, setAsked] = useState<Question | "edit" | null>(null);
  const close = () => setAsked(null);
  const items = [
    info?.blocked ? { id: "unblock", text: "Unblock" } : { id: "block", text: "Block" },
    { id: "reset", text: "Reset spend", disabled: !info },
    { id: "delete", text: "Delete", disabled: !info },
  ];
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <ButtonDropdown
        items={items}
        onItemClick={({ detail }) => setAsked(detail.id as Question)}
        expandToViewport
      >
        More
      </ButtonDropdown>
      <Button variant="primary" onClick={() => setAsked("edit")}>
        {info ? "Edit" : "Set up"}
      </Button>
      <Suspense>{asked === "edit" && <EditCustomer id={id} info={info} onClose={close} />}</Suspense>
      {asked && asked !== "edit" && <Confirm question={asked} id={id} onClose={close} />}
    </SpaceBetween>
  );
}
