import "./customers.css";
import Box from "@cloudscape-design/components/box";
import type { BudgetForecast } from "../api/types";
import { outlook, tightest, usedExactly, usedPercent, usedText } from "../values/budgets";
import { each } from "../values/durations";
import { percent } from "../values/money";
import { Bar } from "./Bar";

/** How much of its tightest budget a customer has spent, what is held besides, and when it runs out. */
export function BudgetUse({ budgets }: { budgets: readonly BudgetForecast[] }) {
  const budget = tightest(budgets);
  if (!budget) return <>No budget</>;
  const spent = percent(budget.spent, budget.max_budget);
  const end = outlook(budget);
  const others = budgets.length > 1 ? `; ${budgets.length - 1} more` : "";
  return (
    <div className="budget-use" title={usedExactly(budget)}>
      <span className="numbers">{usedText(budget)}</span>
      <Bar percent={spent} lighter={usedPercent(budget) - spent} />
      <Box variant="small" display="block" color="text-body-secondary">
        {budget.model ? `${budget.model}, ` : ""}
        {each(budget.budget_duration)}
        {end && `, ${end}`}
        {others}
      </Box>
    </div>
  );
}
