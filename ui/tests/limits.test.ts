import Big from "big.js";
import { expect, test } from "vitest";
import { writeExact } from "../src/api/json";
import { each } from "../src/values/durations";
import { changesOf, draftOf, faultsOf, type Limits, NO_LIMITS } from "../src/values/limits";

const TIER: Limits = {
  max_budget: new Big("0.1"),
  budget_duration: "1d",
  budget_limits: [{ max_budget: new Big("12345678901.123456789012"), budget_duration: "1mo" }],
  soft_budget: null,
  rpm_limit: 20,
  tpm_limit: null,
  max_parallel_requests: 0,
  model_max_budget: { "gpt-4*": { max_budget: 2, budget_duration: null, rpm_limit: null, tpm_limit: 9 } },
  mode: "strict",
};

test("what was not changed is not sent", () => {
  expect(changesOf(draftOf(TIER), draftOf(TIER))).toEqual({});
});

test("every digit that was typed is sent, and a field that was emptied is cleared", () => {
  const draft = { ...draftOf(TIER), max_budget: "999999999999.000000000001", rpm_limit: "" };
  expect(writeExact(changesOf(draft, draftOf(TIER)))).toBe(
    '{"max_budget":999999999999.000000000001,"rpm_limit":null}',
  );
});

test("a new tier sends all that it has", () => {
  expect(writeExact(changesOf(draftOf(TIER)))).toBe(
    '{"max_budget":0.1,"budget_duration":"1d",' +
      '"budget_limits":[{"max_budget":12345678901.123456789012,"budget_duration":"1mo"}],' +
      '"rpm_limit":20,"max_parallel_requests":0,' +
      '"model_max_budget":{"gpt-4*":{"max_budget":2,"budget_duration":null,"rpm_limit":null,"tpm_limit":9}}}',
  );
});

test("what cannot be sent is told at its field", () => {
  const draft = {
    ...NO_LIMITS,
    max_budget: "1,50",
    soft_budget: "-1",
    rpm_limit: "1.5",
    budget_duration: "fortnight",
    budget_limits: [{ max_budget: "", budget_duration: "" }],
    model_max_budget: [
      { model: "a", max_budget: "0.0000000000001", budget_duration: "", rpm_limit: "", tpm_limit: "" },
      { model: "a", max_budget: "", budget_duration: "", rpm_limit: "", tpm_limit: "" },
    ],
  };
  expect([...faultsOf(draft).keys()].sort()).toEqual([
    "budget_duration",
    "budget_limits.0.max_budget",
    "max_budget",
    "model_max_budget.0.max_budget",
    "model_max_budget.1.model",
    "rpm_limit",
    "soft_budget",
  ]);
  expect(faultsOf(draft).get("max_budget")).toContain("0.50");
  expect(faultsOf(NO_LIMITS).size).toBe(0);
});

test("windows are said as people say them", () => {
  expect(["1d", "30d", "10d", "", null].map(each)).toEqual([
    "each day",
    "each month",
    "every 10 days",
    "in all",
    "in all",
  ]);
});
