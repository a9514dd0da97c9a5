import Big from "big.js";
import { describe, expect, it } from "vitest";
import type { CustomerInfo } from "../src/api/customers";
import type { LogRow } from "../src/api/logs";
import type { Comparison, Leader } from "../src/api/types";
import { outlook, tightest, usedPercent, usedText } from "../src/values/budgets";
import { fitting } from "../src/values/ids";
import { type Exact, plotted } from "../src/values/money";
import { outOfBounds } from "../src/views/compare/choice";
import { everyOne } from "../src/views/compare/everyOne";
import { modelRows, modelsCsv } from "../src/views/compare/models";
import { differences } from "../src/views/customer/differences";
import { customerChanges, customerDraft, customerFaults, NEW_CUSTOMER } from "../src/views/customer/draft";
import { monthLines } from "../src/views/customer/month";
import { sessionsOf } from "../src/views/customer/sessions";

const budget = (spent: string, held: string, max_budget: string) => ({
  spent: new Big(spent),
  held: new Big(held),
  max_budget: new Big(max_budget),
});

describe("a budget", () => {
  it("is told with what is held", () => {
    expect(usedText(budget("4.2", "0.1", "5"))).toBe("$4.20 of $5.00, held $0.10");
    expect(usedText(budget("4.2", "0", "5"))).toBe("$4.20 of $5.00");
  });
  it("of nothing is used up", () => {
    expect(usedPercent(budget("0", "0", "0"))).toBe(100);
  });
  it("says whether it is used up, or when it will be", () => {
    const runs_out_on = "2026-11-29";
    expect(outlook({ ...budget("4", "1", "5"), runs_out_on })).toBe("used up");
    expect(outlook({ ...budget("4", "0", "5"), runs_out_on })).toBe("runs out Nov 29");
    expect(outlook({ ...budget("4", "0", "5"), runs_out_on: null })).toBe("");
  });
  it("that leaves least is the one that counts, holds included", () => {
    const held = budget("1", "8", "10");
    expect(tightest([budget("8", "0", "10"), held])).toBe(held);
    expect(tightest([])).toBeUndefined();
  });
});

describe("comparing", () => {
  it("takes two to eight", () => {
    expect([2, 8].map(outOfBounds)).toEqual(["", ""]);
    expect(outOfBounds(11)).toContain("remove 3");
    expect(outOfBounds(1)).toContain("one more");
  });
  it("keeps the order chosen, and shows who did not call", () => {
    const leader = { end_user_id: "b", spend: 2 } as Leader;
    const rows = everyOne([{ leader, month: null, total: 2 }], ["a", "b"], true);
    expect(rows.map((row) => [row.leader.end_user_id, row.leader.spend, row.total])).toEqual([
      ["a", 0, 2],
      ["b", 2, 2],
    ]);
  });
  it("adds up models over customers, exactly", () => {
    const customers = [
      { end_user_id: "a", models: [{ model: "m", current_spend: new Big("0.1") }] },
      {
        end_user_id: "b",
        models: [
          { model: "m", current_spend: new Big("0.2") },
          { model: "gone", current_spend: 0 },
        ],
      },
    ];
    const rows = modelRows({ customers } as unknown as Comparison);
    expect(rows.map(({ model, total }) => [model, String(total)])).toEqual([["m", "0.3"]]);
    expect(modelsCsv(rows, ["a", "b", "c"])).toBe("model,a,b,c\r\nm,0.1,0.2,0\r\n");
  });
});

describe("ids in one question", () => {
  it("are as many as an address holds", () => {
    const long = "\u{1F98A}".repeat(256);
    expect(fitting(["a", long, "b"])).toEqual(["a", long, "b"]);
    expect(fitting([long, long, "b"])).toEqual([long, "b"]);
  });
});

describe("the month", () => {
  const forecast = { forecast: new Big("10"), low: new Big("8"), high: new Big("12") };
  const numbers = (values: readonly (Exact | null)[] = []) =>
    values.map((value) => (value === null ? null : plotted(value)));
  it("adds up to today, and goes straight to its end from there", () => {
    const days = ["2026-11-27", "2026-11-28"];
    const spend = [new Big("1"), new Big("3")];
    const { buckets, rows } = monthLines({ days, spend, end: "2026-11-30", forecast });
    expect(buckets).toEqual(["2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"]);
    expect(numbers(rows[0]?.values)).toEqual([1, 4, null, null]);
    expect(numbers(rows[1]?.values)).toEqual([null, 4, 7, 10]);
    expect(numbers(rows[2]?.values).at(-1)).toBe(12);
    expect(numbers(rows[3]?.values).at(-1)).toBe(8);
  });
  it("has no way to go on its last day", () => {
    const { rows } = monthLines({ days: ["2026-11-30"], spend: [5], end: "2026-11-30", forecast });
    expect(numbers(rows[1]?.values)).toEqual([5]);
  });
});

describe("sessions", () => {
  it("gather their calls, the latest first", () => {
    const call = (session_id: string | null, startTime: string, status: string) =>
      ({ session_id, startTime, status, spend: new Big("0.1"), model: "m" }) as LogRow;
    const found = sessionsOf([
      call("s", "2026-11-02T00:00:00Z", "success"),
      call("t", "2026-11-03T00:00:00Z", "success"),
      call("s", "2026-11-01T00:00:00Z", "failure"),
      call(null, "2026-11-04T00:00:00Z", "success"),
    ]);
    expect(found.map(({ id, calls, failed, spend }) => [id, calls, failed, String(spend)])).toEqual([
      ["t", 1, 0, "0.1"],
      ["s", 2, 1, "0.2"],
    ]);
  });
});

describe("a change", () => {
  it("is told field by field, nested ones too, with all digits", () => {
    const found = differences({
      before_value: { blocked: false, alias: null, litellm_budget_table: { max_budget: new Big("0.1") } },
      updated_values: { blocked: true, alias: "A", litellm_budget_table: null, updated_at: "now" },
    });
    expect(found).toEqual([
      { field: "blocked", before: "false", after: "true" },
      { field: "limits.max_budget", before: "0.1", after: "none" },
      { field: "alias", before: undefined, after: '"A"' },
    ]);
  });
});

const LIMITS = {
  max_budget: new Big("5"),
  budget_duration: "1mo",
  budget_limits: [],
  soft_budget: null,
  rpm_limit: 20,
  tpm_limit: null,
  max_parallel_requests: null,
  model_max_budget: null,
  mode: "strict" as const,
};
const info = (change: Partial<CustomerInfo>) =>
  customerDraft({
    user_id: "a",
    alias: null,
    models: [],
    budget_id: null,
    litellm_budget_table: null,
    ...change,
  } as CustomerInfo);

describe("a customer in a form", () => {
  it("sends only what changed", () => {
    const before = info({ alias: "A", litellm_budget_table: LIMITS });
    expect(customerChanges(before, before)).toEqual({});
    const limits = { ...before.limits, max_budget: "5.10" };
    expect(customerChanges({ ...before, alias: " ", limits }, before)).toEqual({
      alias: null,
      max_budget: new Big("5.10"),
    });
  });
  it("clears limits field by field, and a tier by its id", () => {
    const own = info({ litellm_budget_table: LIMITS });
    expect(customerChanges({ ...own, source: "none" }, own)).toEqual({
      max_budget: null,
      budget_duration: null,
      rpm_limit: null,
    });
    const tier = info({ budget_id: "t", litellm_budget_table: LIMITS });
    expect(customerChanges({ ...tier, source: "none" }, tier)).toEqual({ budget_id: null });
  });
  it("copies a tier's limits when they become its own unchanged", () => {
    const tier = info({ budget_id: "t", litellm_budget_table: LIMITS });
    expect(customerChanges({ ...tier, source: "own" }, tier)).toMatchObject({ max_budget: new Big("5") });
  });
  it("reads models however they are separated", () => {
    expect(customerChanges({ ...NEW_CUSTOMER, models: "a, b\nc" }, NEW_CUSTOMER).models).toEqual([
      "a",
      "b",
      "c",
    ]);
  });
  it("needs an id, and a tier where one is chosen", () => {
    const faults = customerFaults({ ...NEW_CUSTOMER, source: "tier" });
    expect([...faults.keys()].sort()).toEqual(["budget_id", "user_id"]);
  });
});
