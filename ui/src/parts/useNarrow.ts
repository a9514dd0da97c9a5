import { useSyncExternalStore } from "react";

const narrow = matchMedia("(max-width: 688px)"); // Cloudscape's breakpoint "xs": phones

function listen(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}

/** Whether the page is as narrow as a phone's. */
export function useNarrow(): boolean {
  return useSyncExternalStore(listen, () => narrow.matches);
}
