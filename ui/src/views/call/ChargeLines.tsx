import type { Charge } from "../../api/logs";
import { className } from "../../values/calls";
import { count, exactMoney } from "../../values/format";

/** What a customer is told of a call: what was used, and the charge for it all. */
export function ChargeLines({ charge: { lines, charge } }: { charge: Charge }) {
  return (
    <section className="scrolls" aria-label="Receipt" tabIndex={0}>
      <table className="receipt numbers">
        <caption className="unseen">What was used, and the charge</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Quantity</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.class}>
              <th scope="row">{className(line.class)}</th>
              <td>{count(line.quantity)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Charge</th>
            <td>{exactMoney(charge)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}
