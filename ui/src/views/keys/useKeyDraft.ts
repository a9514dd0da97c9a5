import { useState } from "react";
import type { ApiError } from "../../api/errors";
import { faultsOf } from "../../values/limits";
import type { VirtualKey } from "./key";
import { type KeyDraft, keyBody, keyDraftOf, keyFaults, NEW_KEY } from "./keyDraft";

/** A key as it is edited. What is wrong is told once somebody has tried to save. */
export function useKeyDraft(known: VirtualKey | null, error: ApiError | null) {
  const [key] = useState(known);
  const [draft, setDraft] = useState<KeyDraft>(() => (key ? keyDraftOf(key) : NEW_KEY));
  const [tried, setTried] = useState(false);
  const own = new Map([...keyFaults(draft), ...(draft.budget_id ? [] : faultsOf(draft.limits))]);
  return {
    draft,
    set: (change: Partial<KeyDraft>) => setDraft((before) => ({ ...before, ...change })),
    faults: new Map([...(error?.fields ?? []), ...(tried ? own : [])]),
    body: () => keyBody(draft, key),
    check: () => {
      setTried(true);
      return own.size === 0;
    },
  };
}
