import Alert from "@cloudscape-design/components/alert";
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { CustomerInfo } from "../../api/customers";
import type { Asked } from "../../api/hooks";
import { Failure } from "../../parts/Panel";
import { instant } from "../../values/dates";
import { exactMoney } from "../../values/format";
import { customerName, shortened } from "../../values/ids";
import { Actions } from "./Actions";
import type { Customer } from "./state";

type Props = { customer: Customer; info: Asked<CustomerInfo> };

/** Who the customer is, whether it may call, and what can be done about it. */
export function Head({ customer, info }: Props) {
  const { id, known, admin } = customer;
  const { data, error } = info;
  const strange = error?.status === 404;
  return (
    <SpaceBetween size="s">
      <Header
        variant="h1"
        actions={admin && known && (data || strange) && <Actions id={id} info={data} />}
        description={known ? <Facts customer={customer} info={data} /> : "Calls that named no customer"}
      >
        <span className="customer-name">{shortened(customerName(id, data?.alias), 80)}</span>{" "}
        {data?.blocked && <Badge color="red">Blocked</Badge>}
      </Header>
      {strange && (
        <Alert type="info" header="This customer was never set up, or was deleted.">
          Calls that it made are shown below. It has no limits of its own.
        </Alert>
      )}
      {error && !strange && <Failure asked={info} />}
    </SpaceBetween>
  );
}

function Facts({ customer, info }: { customer: Customer; info: CustomerInfo | undefined }) {
  const { zone } = customer.filters;
  return (
    <span className="facts">
      <span className="customer-name">
        <CopyToClipboard
          variant="inline"
          textToCopy={customer.id}
          textToDisplay={shortened(customer.id, 80)}
          copyButtonAriaLabel="Copy the id"
          copySuccessText="Copied"
          copyErrorText="The browser did not allow copying"
        />
      </span>
      {info && (
        <Box variant="span" color="text-body-secondary">
          Created {instant(info.created_at, zone)} ·{" "}
          {info.last_seen_at ? `last seen ${instant(info.last_seen_at, zone)}` : "never called"} ·{" "}
          <span className="numbers">{exactMoney(info.spend)}</span> in all
        </Box>
      )}
    </span>
  );
}
