import { expect, test } from "vitest";
import { quoted, snippetsOf } from "../src/values/snippets";

const CALL = { base: "http://127.0.0.1:4000", key: "sk-x", customer: "acme" };

function text(id: string, changed = {}): string {
  return snippetsOf({ ...CALL, ...changed }).find((one) => one.id === id)?.text ?? "";
}

test("the first call is three lines", () => {
  expect(text("curl").split("\n")).toEqual([
    'curl "http://127.0.0.1:4000/v1/chat/completions" -H "Authorization: Bearer sk-x" \\',
    '  -H "Content-Type: application/json" -H "x-litellm-customer-id: acme" \\',
    `  -d '{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]}'`,
  ]);
});

test("a key that speaks for one customer names none", () => {
  for (const { text } of snippetsOf({ ...CALL, customer: null })) {
    expect(text).not.toMatch(/customer|acme|user_id/);
  }
});

test("a model that the key may call is called", () => {
  const models = ["claude-*", "claude-haiku-4-5", "gpt-5"];
  expect(text("openai", { models })).toContain('model="gpt-5"');
  expect(text("anthropic", { models })).toContain('model="claude-haiku-4-5"');
});

test("whatever a text holds is one word of a shell", () => {
  expect(quoted("a b")).toBe('"a b"');
  expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`);
});
