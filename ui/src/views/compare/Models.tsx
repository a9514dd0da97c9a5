import Table from "@cloudscape-design/components/table";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { Comparison } from "../../api/types";
import { useFilters } from "../../app/url";
import { CustomerLink } from "../../parts/CustomerLink";
import { Panel } from "../../parts/Panel";
import { Share } from "../../parts/Share";
import { exactMoney, money } from "../../values/format";
import { percent, sum } from "../../values/money";
import { type ModelRow, modelRows, modelsCsv } from "./models";

/** What each customer spends on which model. */
export default function Models({ customers }: { customers: readonly string[] }) {
  const { query, compare } = useFilters();
  const to = compare === "none" ? "previous" : compare;
  const asked = useApi<Comparison>(pathOf("/customer/compare", { ...query, to, limit: customers.length }));
  return (
    <Panel
      title="Models"
      description="Spend on each model, and its share of the customer's spend"
      asked={asked}
      height={260}
      empty={(data) => modelRows(data).length === 0}
      csv={(data) => modelsCsv(modelRows(data), customers)}
    >
      {(data) => <Rows data={data} customers={customers} />}
    </Panel>
  );
}

function Rows({ data, customers }: { data: Comparison; customers: readonly string[] }) {
  const rows = modelRows(data);
  const named = new Map(data.customers.map((one) => [one.end_user_id, one.alias]));
  const whole = new Map(customers.map((id) => [id, sum(rows.map(({ spend }) => spend.get(id)))]));
  return (
    <Table
      variant="embedded"
      items={rows}
      trackBy="model"
      ariaLabels={{ tableLabel: "Models of each customer" }}
      columnDefinitions={[
        { id: "model", header: "Model", isRowHeader: true, cell: ({ model }) => model },
        ...customers.map((id) => ({
          id,
          minWidth: 170,
          header: <CustomerLink id={id} alias={named.get(id) ?? null} />,
          cell: ({ spend }: ModelRow) => (
            <div title={exactMoney(spend.get(id))}>
              <span className="numbers">{spend.has(id) ? money(spend.get(id)) : "–"}</span>
              {spend.has(id) && <Share of={percent(spend.get(id), whole.get(id))} />}
            </div>
          ),
        })),
      ]}
    />
  );
}
