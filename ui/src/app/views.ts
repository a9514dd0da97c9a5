import { lazy } from "react";
import type { Role } from "./session";
import type { View } from "./url";

type Shown = { text: string; view: View; roles: readonly Role[] };

const READERS = ["admin", "reader", "customer"] as const;
const ADMINS = ["admin"] as const;

/** What the navigation lists, and for whom. */
export const NAVIGATION: readonly Shown[] = [
  { text: "Usage", view: "usage", roles: READERS },
  { text: "Logs", view: "logs", roles: READERS },
  { text: "Compare", view: "compare", roles: ["admin", "reader"] },
  { text: "Customers", view: "customers", roles: ADMINS },
  { text: "Customer", view: "customer", roles: ["customer"] },
  { text: "Budgets", view: "budgets", roles: ADMINS },
  { text: "Keys", view: "keys", roles: ADMINS },
  { text: "Start", view: "start", roles: READERS },
];

/** What the tab is called; in the order of the views' names. */
export const TITLES: Readonly<Record<string, string>> = {
  budgets: "Budgets",
  call: "Call",
  compare: "Compare",
  customer: "Customer",
  customers: "Customers",
  keys: "Keys",
  logs: "Logs",
  start: "Start",
  usage: "Usage",
};

/** The entry of the navigation under which a view without one of its own is found. */
export const WITHIN: Partial<Record<View, View>> = { customer: "customers", call: "logs" };

/** Each view is a file of its own to load, when it is first opened. */
export const CONTENT = {
  usage: lazy(() => import("../views/usage/Usage")),
  logs: lazy(() => import("../views/logs/Logs")),
  call: lazy(() => import("../views/call/Call")),
  compare: lazy(() => import("../views/compare/Compare")),
  customer: lazy(() => import("../views/customer/Customer")),
  customers: lazy(() => import("../views/customers/Customers")),
  budgets: lazy(() => import("../views/budgets/Budgets")),
  keys: lazy(() => import("../views/keys/Keys")),
  start: lazy(() => import("../views/start/Start")),
} as const;
