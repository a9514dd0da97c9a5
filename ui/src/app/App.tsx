import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiError } from "../api/errors";
import { Loading } from "../parts/Panel";
import { Frame } from "./Frame";
import { NoAccess } from "./NoAccess";
import { SignIn } from "./SignIn";
import { checkedKey, keepKey, keptKey, roleOf, SessionContext } from "./session";

/** The page: somebody signs in with a key, and sees what the key may see. */
export function App() {
  const [key, setKey] = useState(keptKey);
  const client = useQueryClient();
  const found = useQuery<Awaited<ReturnType<typeof checkedKey>>, ApiError>({
    queryKey: ["self", key],
    queryFn: ({ signal }) => checkedKey(key ?? "", signal),
    enabled: key !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

  function signOut(): void {
    keepKey(null);
    setKey(null);
    client.clear();
  }
  function signIn(typed: string): void {
    if (typed === key) void found.refetch();
    else setKey(typed);
  }

  if (key !== null && found.isFetching) return <Loading height={480} />;
  if (!found.data || key === null) return <SignIn onKey={signIn} error={key === null ? null : found.error} />;
  return (
    <SessionContext.Provider value={{ ...found.data, signOut }}>
      {roleOf(found.data.self) === "none" ? <NoAccess /> : <Frame />}
    </SessionContext.Provider>
  );
}
