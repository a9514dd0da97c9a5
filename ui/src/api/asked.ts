import type { Asked } from "./hooks";

/** Two answers that are shown together: there when both are, wrong when either is. */
export function both<A, B>(first: Asked<A>, second: Asked<B>): Asked<[A, B]> {
  const there = first.data !== undefined && second.data !== undefined;
  return {
    path: first.path,
    data: there ? [first.data as A, second.data as B] : undefined,
    error: first.error ?? second.error,
    loading: first.loading || second.loading,
    refreshing: first.refreshing || second.refreshing,
    reload: () => {
      if (first.error || !second.error) first.reload();
      if (second.error || !first.error) second.reload();
    },
  };
}
