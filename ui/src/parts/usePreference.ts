import { useState } from "react";

/** Something a reader chose for good, kept in this browser; `fits` drops what an older page kept. */
export function usePreference<T>(
  name: string,
  fallback: T,
  fits: (kept: unknown) => kept is T,
): [T, (chosen: T) => void] {
  const key = `tollgate.${name}`;
  const [value, setValue] = useState(() => {
    const kept = parsed(localStorage.getItem(key));
    return fits(kept) ? kept : fallback;
  });
  return [
    value,
    (chosen) => {
      localStorage.setItem(key, JSON.stringify(chosen));
      setValue(chosen);
    },
  ];
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
