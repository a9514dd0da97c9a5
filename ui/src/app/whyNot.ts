import type { ApiError } from "../api/errors";

export type Why = { header: string; help: string };

const REASONS: readonly { of: (error: ApiError) => boolean; why: Why }[] = [
  {
    of: ({ type }) => type === "token_not_found_in_db",
    why: {
      header: "No key here is like this one",
      help: "Check that it was copied whole, and that this is the page of the deployment that it is of.",
    },
  },
  {
    of: ({ type, message }) => type === "expired_key" && /replaced/.test(message),
    why: { header: "This key has another secret by now", help: "Sign in with the new one." },
  },
  {
    of: ({ type }) => type === "expired_key",
    why: { header: "This key has expired", help: "Ask an admin for a new one." },
  },
  {
    of: ({ message }) => /blocked/i.test(message),
    why: { header: "This key is blocked", help: "An admin can unblock it, in Keys." },
  },
];

/** Why somebody is not let in, in the words of the sign-in, and what to do about it. */
export function whyNot(error: ApiError): Why {
  const known = error.unauthorized ? REASONS.find(({ of }) => of(error)) : undefined;
  return known?.why ?? { header: error.message, help: error.help };
}
