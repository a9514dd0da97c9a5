import { createContext, useContext } from "react";
import { type Connection, get } from "../api/client";
import { noConfig, nonsense, unreachable } from "../api/errors";
import type { Self } from "../api/types";

const KEY = "tollgate.key"; // sessionStorage: gone with the tab
const ONE_CUSTOMER = "usage:read:";

/** Where the page is connected to, and what its key may do. */
export type Session = { to: Connection; self: Self; signOut: () => void };

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("a view was shown to somebody who is not signed in");
  return session;
}

export function keptKey(): string | null {
  return sessionStorage.getItem(KEY);
}

export function keepKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** The API's address: what config.json names, or the parent of the folder that the page was served from. */
async function apiBase(signal: AbortSignal): Promise<string> {
  const response = await fetch("./config.json", { cache: "no-cache", signal }).catch(() => {
    throw unreachable();
  });
  const config = (await response.json().catch(() => {
    throw noConfig(response.status);
  })) as { api?: string } | null;
  if (!response.ok || config === null || typeof config !== "object") throw noConfig(response.status);
  return (config.api || new URL("..", document.baseURI).href).replace(/\/$/, "");
}

/** Ask the API what a key may do, and keep the key for this tab. Throws ApiError. */
export async function checkedKey(key: string, signal: AbortSignal): Promise<{ to: Connection; self: Self }> {
  const to = { base: await apiBase(signal), key };
  const self = await get<Self>(to, "/key/self", signal);
  if (!Array.isArray(self?.scopes)) throw nonsense(200);
  keepKey(key);
  return { to, self };
}

export type Role = "admin" | "reader" | "customer" | "none";

/** What a key lets its holder see: everything and change it, everybody's usage, some customers', or nothing. */
export function roleOf(self: Self): Role {
  if (self.master || self.scopes.includes("admin")) return "admin";
  const reads = self.scopes.some((scope) => scope === "usage:read");
  if (reads) return self.customer_id === null ? "reader" : "customer";
  return self.scopes.some((scope) => scope.startsWith(ONE_CUSTOMER)) ? "customer" : "none";
}

/** The customers whose usage a key of the role `customer` reads. */
export function ownCustomers(self: Self): string[] {
  const named = self.scopes.filter((scope) => scope.startsWith(ONE_CUSTOMER));
  return self.customer_id === null
    ? named.map((scope) => scope.slice(ONE_CUSTOMER.length))
    : [self.customer_id];
}
