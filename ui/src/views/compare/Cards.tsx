import Box from "@cloudscape-design/components/box";
import type { Asked } from "../../api/hooks";
import type { Leaderboard, Series } from "../../api/types";
import { BudgetUse } from "../../parts/BudgetUse";
import { CustomerLink } from "../../parts/CustomerLink";
import { Panel } from "../../parts/Panel";
import { Sparkline } from "../../parts/Sparkline";
import { SpendChange } from "../../parts/SpendChange";
import { exactMoney, money } from "../../values/format";
import type { Summary } from "../usage/customerMetrics";

type Props = { rows: readonly Summary[]; asked: Asked<Leaderboard>; series: Series | undefined };

/** A card for each customer: spend, its change, how it went, and the budget. */
export function Cards({ rows, asked, series }: Props) {
  return (
    <Panel title="At a glance" asked={asked} height={150} csv={asked.path}>
      {() => (
        <div className="cards level">
          {rows.map(({ leader, month }) => (
            <div key={leader.end_user_id}>
              <CustomerLink id={leader.end_user_id} alias={leader.alias} />
              <Box fontSize="heading-xl" fontWeight="bold">
                <span className="numbers" title={exactMoney(leader.spend)}>
                  {money(leader.spend)}
                </span>
              </Box>
              <Box fontSize="body-s" color="text-body-secondary">
                <SpendChange now={leader.spend} before={leader.previous_spend} />
              </Box>
              <Sparkline values={series?.series.find(({ id }) => id === leader.end_user_id)?.points.spend} />
              {month && <BudgetUse budgets={month.budgets} />}
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
