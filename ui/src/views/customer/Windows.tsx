import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { CustomerInfo, WindowLeft } from "../../api/customers";
import type { Asked } from "../../api/hooks";
import { useFilters } from "../../app/url";
import { Bar } from "../../parts/Bar";
import { csv } from "../../parts/downloads";
import { modelTexts, rateTexts } from "../../parts/limits/texts";
import { Panel } from "../../parts/Panel";
import { usedPercent } from "../../values/budgets";
import { instant } from "../../values/dates";
import { each } from "../../values/durations";
import { exactMoney, money } from "../../values/format";
import { big, percent } from "../../values/money";

/** What is left of each budget of a customer, and its other limits. */
export function Windows({ asked }: { asked: Asked<CustomerInfo> }) {
  return (
    <Panel
      title="Limits"
      description={asked.data ? sourceText(asked.data) : " "}
      asked={asked}
      height={160}
      csv={(data) => windowsCsv(data.budgets)}
    >
      {(info) => (
        <SpaceBetween size="l">
          {info.budgets.length === 0 && <Box>No budget: this customer may spend any amount.</Box>}
          {info.budgets.map((window) => (
            <Window key={`${window.model}|${window.budget_duration}|${window.max_budget}`} window={window} />
          ))}
          <Others info={info} />
        </SpaceBetween>
      )}
    </Panel>
  );
}

function sourceText({ limits_source, litellm_budget_table }: CustomerInfo): string {
  const [kind, id] = limits_source.split(/:(.*)/s);
  const observing = litellm_budget_table?.mode === "observe" ? ", observed only: nothing is refused" : "";
  if (kind === "budget") return `Of the tier ${id}${observing}`;
  return limits_source ? `Its own${observing}` : "None set for this customer";
}

function Window({ window }: { window: WindowLeft }) {
  const { zone } = useFilters();
  const { spent, held, remaining, max_budget, model, budget_duration, resets_at } = window;
  const part = percent(spent, max_budget);
  const used = usedPercent(window);
  return (
    <div>
      <Box fontWeight="bold">
        {exactMoney(max_budget)} {each(budget_duration)}
        {model ? `, ${model}` : ""} {used >= 100 && <StatusIndicator type="error">Used up</StatusIndicator>}
      </Box>
      <Bar percent={part} lighter={used - part} />
      <div className="facts numbers">
        <span title={exactMoney(spent)}>{money(spent)} spent</span>
        <span title={exactMoney(held)}>{money(held)} held</span>
        <span title={exactMoney(remaining)}>{money(remaining)} left</span>
        <span>{resets_at ? `resets ${instant(resets_at, zone)}` : "never resets"}</span>
      </div>
    </div>
  );
}

function Others({ info }: { info: CustomerInfo }) {
  const table = info.litellm_budget_table;
  const models = info.models.length ? [`only ${info.models.join(", ")}`] : [];
  const lines = [...(table ? [...rateTexts(table), ...modelTexts(table)] : []), ...models];
  if (lines.length === 0) return null;
  return (
    <ul className="plain-list">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function windowsCsv(windows: readonly WindowLeft[]): string {
  const header = ["budget_duration", "model", "max_budget", "spent", "held", "remaining", "resets_at"];
  const rows = windows.map(({ budget_duration, model, max_budget, spent, held, remaining, resets_at }) => [
    budget_duration ?? "",
    model ?? "",
    ...[max_budget, spent, held, remaining].map((value) => big(value).toFixed()),
    resets_at ?? "",
  ]);
  return csv(header, rows);
}
