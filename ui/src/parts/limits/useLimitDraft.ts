import { useState } from "react";
import type { ApiError } from "../../api/errors";
import { changesOf, draftOf, faultsOf, type LimitDraft, type Limits, NO_LIMITS } from "../../values/limits";

/** Limits as they are edited. What is wrong is told once somebody has tried to save. */
export function useLimitDraft(limits: Limits | null, error: ApiError | null) {
  const [before] = useState(() => (limits ? draftOf(limits) : NO_LIMITS));
  const [draft, setDraft] = useState<LimitDraft>(before);
  const [tried, setTried] = useState(false);
  const own = faultsOf(draft);
  return {
    draft,
    setDraft,
    faults: new Map([...(error?.fields ?? []), ...(tried ? own : [])]),
    changes: () => changesOf(draft, before),
    /** Whether what was typed can be sent; from now on faults are shown. */
    check: () => {
      setTried(true);
      return own.size === 0;
    },
  };
}
