import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Call, Charge, Cost, CostLine } from "../../api/logs";
import { className } from "../../values/calls";
import { count, exactMoney } from "../../values/format";
import { big } from "../../values/money";
import { ChargeLines } from "./ChargeLines";
import { isPriced, receiptOf } from "./receipt";

/** What a call cost, worked out line by line, and how that came to what was charged. */
export function CostPanel({ call: { cost_breakdown: cost } }: { call: Call }) {
  if (!cost)
    return <Box color="text-body-secondary">The call is under way: its cost is known when it ends.</Box>;
  return (
    <SpaceBetween size="m">
      <Caveats cost={cost} />
      <Receipt cost={cost} />
    </SpaceBetween>
  );
}

function Receipt({ cost }: { cost: Cost | Charge }) {
  if (!cost.lines.length && big(cost.charge).eq(0))
    return <Box color="text-body-secondary">Nothing was used that has a price, so nothing was charged.</Box>;
  return "cost" in cost ? <Lines cost={cost} /> : <ChargeLines charge={cost} />;
}

function Lines({ cost }: { cost: Cost }) {
  const { total, exact, markup } = receiptOf(cost);
  return (
    <section className="scrolls" aria-label="Receipt" tabIndex={0}>
      <table className="receipt numbers">
        <caption className="unseen">The cost, line by line</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Quantity</th>
            <th scope="col">Price</th>
            <th scope="col">Amount</th>
          </tr>
        </thead>
        <tbody>
          {cost.lines.map((line) => (
            <Line key={line.class} line={line} />
          ))}
        </tbody>
        <tfoot>
          <Sum name="Cost" amount={exactMoney(cost.cost)} />
          {!markup.eq(0) && <Sum name={markup.gt(0) ? "Markup" : "Rebate"} amount={exactMoney(markup)} />}
          <Sum name="Charge" amount={exactMoney(cost.charge)} />
        </tfoot>
      </table>
      <Box padding={{ top: "s" }}>
        {exact ? (
          <StatusIndicator>The lines add up to the cost exactly</StatusIndicator>
        ) : (
          <StatusIndicator type="warning">The lines come to {exactMoney(total)}</StatusIndicator>
        )}
        {cost.price_version && (
          <Box color="text-body-secondary" fontSize="body-s" padding={{ top: "xxs" }}>
            Prices of version <code>{cost.price_version}</code>
          </Box>
        )}
      </Box>
    </section>
  );
}

function Line({ line }: { line: CostLine }) {
  const priced = isPriced(line.class);
  return (
    <tr>
      <th scope="row">{className(line.class)}</th>
      <td>{priced && count(line.quantity)}</td>
      <td>{priced && `${exactMoney(line.unit_price)} / ${perUnit(line)}`}</td>
      <td>{exactMoney(line.amount)}</td>
    </tr>
  );
}

function perUnit({ per }: CostLine): string {
  return Number(per) === 1_000_000 ? "1M" : count(per);
}

function Sum({ name, amount }: { name: string; amount: string }) {
  return (
    <tr>
      <th scope="row" colSpan={3}>
        {name}
      </th>
      <td>{amount}</td>
    </tr>
  );
}

function Caveats({ cost }: { cost: Cost | Charge }) {
  const { estimated, unpriced } = cost;
  const told = "cost" in cost ? cost : null; // prices are the operator's
  return (
    <>
      {unpriced && (
        <Alert type="warning" header="Part of it has no price">
          {told
            ? "What was used beyond these lines is in no price book, and was not charged. Add its price to models.yaml."
            : "What has none was not charged."}
        </Alert>
      )}
      {estimated && (
        <Alert type="info" header="The usage was estimated">
          {estimated}
        </Alert>
      )}
      {told?.price_changed && (
        <Alert type="info" header="Prices have changed since">
          The lines use today's price book ({told.current_price_version ?? "none"}) for the moment of the
          call; what was booked stays as it is.
        </Alert>
      )}
    </>
  );
}
