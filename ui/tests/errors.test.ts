import { expect, test } from "vitest";
import { refusal } from "../src/api/errors";

test("an envelope names its field", () => {
  const error = refusal(404, { error: { message: "no such tier", param: "budget_id" } });
  expect(error.message).toBe("no such tier");
  expect(error.fields.get("budget_id")).toBe("no such tier");
});

test("a list of bad fields is told field by field", () => {
  const error = refusal(422, {
    detail: [
      { loc: ["body", "scopes", 0], msg: "a scope is proxy" },
      { loc: ["body"], msg: "Value error, Set either 'max_budget' or 'budget_id', not both." },
    ],
  });
  expect(error.fields.get("scopes.0")).toBe("a scope is proxy");
  expect(error.message).toBe("scopes.0: a scope is proxy; Set either 'max_budget' or 'budget_id', not both.");
});

test("a detail is told as it stands, at the field that it begins with", () => {
  expect(refusal(400, { detail: { error: "max_budget must be a number" } }).param).toBe("max_budget");
  expect(refusal(400, { detail: { error: "Budget with id 'x' already exists." } }).param).toBeNull();
  expect(refusal(422, { detail: "sort: unknown" }).message).toBe("sort: unknown");
});

test("an answer without a reason says so", () => {
  expect(refusal(502, null).message).toBe("The API answered 502 without saying why.");
});
