import { expect, test } from "vitest";
import { having, stateOf, type VirtualKey } from "../src/views/keys/key";
import { keyBody, keyDraftOf, keyFaults, NEW_KEY, scopesOf } from "../src/views/keys/keyDraft";

const KEY: VirtualKey = {
  token: "ab12",
  key_name: "sk-...wxyz",
  key_alias: "app",
  spend: 0,
  expires: "2026-12-01T00:00:00.000Z",
  scopes: ["proxy", "usage:read:a,b"],
  customer_id: null,
  models: [],
  blocked: false,
  budget_id: null,
  end_user_budget_id: null,
  created_at: "2026-11-01T00:00:00.000Z",
  last_used_at: null,
  max_budget: 5,
  budget_duration: "1d",
  budget_limits: [],
  soft_budget: null,
  rpm_limit: null,
  tpm_limit: null,
  max_parallel_requests: null,
  model_max_budget: null,
  mode: "strict",
};

test("a key that was not changed sends nothing", () => {
  expect(keyBody(keyDraftOf(KEY), KEY)).toEqual({});
  expect(scopesOf(keyDraftOf(KEY))).toEqual(KEY.scopes);
});

test("a new key sends its scopes and what was set", () => {
  const draft = { ...NEW_KEY, key_alias: " app ", lasting: "30d", end_user_budget_id: "free" };
  expect(keyBody(draft, null)).toEqual({
    scopes: ["proxy"],
    key_alias: "app",
    duration: "30d",
    end_user_budget_id: "free",
  });
});

test("a tier takes the place of own limits, and an expiry can be taken away", () => {
  const draft = { ...keyDraftOf(KEY), budget_id: "free", lasting: "" };
  expect(keyBody(draft, KEY)).toEqual({ budget_id: "free", expires: null });
});

test("a key that may do nothing is not made", () => {
  expect([...keyFaults({ ...NEW_KEY, proxy: false }).keys()]).toEqual(["scopes"]);
  expect([...keyFaults({ ...NEW_KEY, reads: "some" }).keys()]).toEqual(["readable"]);
  expect(keyFaults(NEW_KEY).size).toBe(0);
});

test("a key's state is told by its block and its expiry", () => {
  const late = new Date("2026-12-02T00:00:00Z");
  expect(stateOf(KEY, new Date("2026-11-30T00:00:00Z"))).toBe("active");
  expect(stateOf(KEY, late)).toBe("expired");
  expect(stateOf({ ...KEY, blocked: true }, late)).toBe("blocked");
});

test("keys are found by alias, masked secret, id or customer", () => {
  for (const text of ["APP", "wxyz", "b12"]) expect(having([KEY], text)).toEqual([KEY]);
  expect(having([KEY], "other")).toEqual([]);
});
