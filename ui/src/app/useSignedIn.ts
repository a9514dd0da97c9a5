import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "../api/errors";
import { checkedKey, keepKey, keptKey } from "./session";

type Checked = Awaited<ReturnType<typeof checkedKey>>;
const SELF = "self";

/** The key of this tab, and what the API says of it. Any 401 asks the API of the key again. */
export function useSignedIn() {
  const [key, setKey] = useState(keptKey);
  const client = useQueryClient();
  const found = useQuery<Checked, ApiError>({
    queryKey: [SELF, key],
    queryFn: ({ signal }) => checkedKey(key ?? "", signal),
    enabled: key !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

  useEffect(() => {
    const doubt = (error: unknown) => {
      if (error instanceof ApiError && error.unauthorized)
        void client.invalidateQueries({ queryKey: [SELF] }, { cancelRefetch: false });
    };
    const stops = [
      client.getQueryCache().subscribe((event) => {
        if (event.type === "updated" && event.action.type === "error" && event.query.queryKey[0] !== SELF)
          doubt(event.action.error);
      }),
      client.getMutationCache().subscribe((event) => {
        if (event.type === "updated" && event.action.type === "error") doubt(event.action.error);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client]);

  function signOut(): void {
    keepKey(null);
    setKey(null);
    client.clear();
  }

  function signIn(typed: string): void {
    if (typed === key) {
      void found.refetch();
      return;
    }
    setKey(typed);
    client.clear(); // another key may see less than this tab has been told
  }

  const refused = found.error?.unauthorized === true;
  return {
    key,
    session: key !== null && !refused && found.data ? { ...found.data, signOut } : null,
    error: key === null ? null : found.error,
    checking: key !== null && found.isFetching,
    retry: () => void found.refetch(),
    signIn,
    signOut,
  };
}
