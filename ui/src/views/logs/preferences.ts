import { useState } from "react";

export const SIZES = [25, 50, 100, 200] as const;
export type Preferences = { size: number; columns: string[] };

const KEY = "tollgate.logs";
const DEFAULT: Preferences = {
  size: 50,
  columns: ["time", "customer", "model", "status", "input", "output", "duration", "spend", "key", "session"],
};

function kept(): Preferences {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    const size = SIZES.find((one) => one === found.size) ?? DEFAULT.size;
    return { size, columns: Array.isArray(found.columns) ? found.columns : DEFAULT.columns };
  } catch {
    return DEFAULT; // somebody else's, or of another time
  }
}

/** The columns and page size that this reader chose; kept in this browser. */
export function usePreferences(): [Preferences, (chosen: Preferences) => void] {
  const [preferences, set] = useState(kept);
  return [
    preferences,
    (chosen) => {
      localStorage.setItem(KEY, JSON.stringify(chosen));
      set(chosen);
    },
  ];
}
