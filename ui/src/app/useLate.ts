import { useEffect, useState } from "react";

const PATIENCE_MS = 4000;

/** Whether something has been going on for longer than people wait without wondering. */
export function useLate(busy: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!busy) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  return late;
}
