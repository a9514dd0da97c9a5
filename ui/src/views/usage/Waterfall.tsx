import type { Effects } from "../../api/types";
import { exactMoney, money, signedMoney } from "../../values/format";
import { type Step, waterfall } from "../../values/waterfall";
import "./usage.css";

const WORDS: Record<Step["id"], { name: string; text: string }> = {
  before: { name: "Before", text: "What was spent in the range compared with." },
  volume: { name: "Volume", text: "Had everybody's use grown alike, at the old prices." },
  mix: {
    name: "Mix",
    text: "Customers and models whose use grew more or less than that, at the old prices.",
  },
  price: { name: "Price", text: "What a token costs now, against what it cost before." },
  now: { name: "Now", text: "What was spent in this range: the four above, added up." },
};

/** From before to now in steps that add up to the last digit. */
export function Waterfall({ effects }: { effects: Effects }) {
  return (
    <dl className="waterfall">
      {waterfall(effects).map((step) => (
        <Bar key={step.id} step={step} />
      ))}
    </dl>
  );
}

function Bar({ step: { id, amount, start, end } }: { step: Step }) {
  const whole = id === "before" || id === "now";
  const kind = whole ? "whole" : amount.lt(0) ? "less" : "more";
  return (
    <div>
      <dt>
        <strong>{WORDS[id].name}</strong>
        <small>{WORDS[id].text}</small>
      </dt>
      <dd>
        <span className="waterfall-track" aria-hidden="true">
          <span className={`waterfall-${kind}`} style={{ left: `${start}%`, width: `${end - start}%` }} />
        </span>
        <span className="numbers end" title={exactMoney(amount)}>
          {whole ? money(amount) : signedMoney(amount)}
        </span>
      </dd>
    </div>
  );
}
