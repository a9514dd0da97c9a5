import type { Leader } from "../../api/types";
import { OTHERS } from "../../values/ids";
import type { Summary } from "../usage/customerMetrics";

function withoutCalls(end_user_id: string, compared: boolean): Leader {
  return {
    rank: 0,
    end_user_id,
    alias: null,
    spend: 0,
    api_requests: 0,
    successful_requests: 0,
    failed_requests: 0,
    total_tokens: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
    previous_spend: compared ? 0 : null,
    growth: compared ? 0 : null,
  };
}

/** The customers in the order they were chosen; one without a call in the range has zeros. */
export function everyOne(found: readonly Summary[], chosen: readonly string[], compared: boolean): Summary[] {
  const known = new Map(found.map((one) => [one.leader.end_user_id, one]));
  const total = found[0]?.total ?? 0;
  return chosen
    .filter((id) => id !== OTHERS)
    .map((id) => known.get(id) ?? { leader: withoutCalls(id, compared), month: null, total });
}
