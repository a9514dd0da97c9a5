import { expect, test } from "vitest";
import { refusal, unreachable } from "../src/api/errors";
import { whyNot } from "../src/app/whyNot";

function header(type: string, message: string): string {
  return whyNot(refusal(401, { error: { type, message } })).header;
}

test("each reason not to be let in has words of its own", () => {
  expect(header("token_not_found_in_db", "Authentication Error, Invalid proxy server token passed.")).toBe(
    "No key here is like this one",
  );
  expect(header("expired_key", "Authentication Error, Expired Key. It expired at 2026-11-01.")).toBe(
    "This key has expired",
  );
  expect(header("expired_key", "Authentication Error, this secret of the key was replaced.")).toBe(
    "This key has another secret by now",
  );
  expect(header("auth_error", "Authentication Error, Key is blocked.")).toBe("This key is blocked");
});

test("any other error speaks for itself", () => {
  expect(whyNot(unreachable()).header).toBe("The API cannot be reached.");
  expect(header("auth_error", "Something else.")).toBe("Something else.");
});
