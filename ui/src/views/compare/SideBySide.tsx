import Table from "@cloudscape-design/components/table";
import type { Asked } from "../../api/hooks";
import type { Leaderboard } from "../../api/types";
import { CustomerLink } from "../../parts/CustomerLink";
import { Panel } from "../../parts/Panel";
import { customerName, shortened } from "../../values/ids";
import { METRICS, type Summary } from "../usage/customerMetrics";

/** The same numbers as in the table of customers: a row for each, a column for each customer. */
export default function SideBySide({ rows, asked }: { rows: readonly Summary[]; asked: Asked<Leaderboard> }) {
  return (
    <Panel title="Side by side" asked={asked} height={360} csv={asked.path}>
      {() => (
        <Table
          variant="embedded"
          items={METRICS}
          trackBy="id"
          ariaLabels={{ tableLabel: "Customers side by side" }}
          columnDefinitions={[
            { id: "metric", header: "Measure", isRowHeader: true, cell: ({ name }) => name },
            ...rows.map((row) => ({
              id: row.leader.end_user_id,
              minWidth: 170,
              header: <CustomerLink id={row.leader.end_user_id} alias={row.leader.alias} />,
              ariaLabel: () => shortened(customerName(row.leader.end_user_id, row.leader.alias)),
              cell: ({ show: Show }: (typeof METRICS)[number]) => (
                <div className="numbers">
                  <Show {...row} />
                </div>
              ),
            })),
          ]}
        />
      )}
    </Panel>
  );
}
