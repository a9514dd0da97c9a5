import { parseAsString, useQueryState } from "nuqs";
import { useEffect } from "react";
import { focusHeading } from "./heading";
import type { View } from "./url";
import { TITLES } from "./views";

let shown: string | null = null; // the view that was shown before, of whatever kind

/** Names the tab after the view that has come, and brings the keyboard to its heading; the first view is left alone. */
export function Arrival({ view }: { view: View }) {
  const [id] = useQueryState("id", parseAsString);
  const place = `${view} ${id ?? ""}`;
  useEffect(() => {
    document.title = [TITLES[view], "Tollgate"].filter(Boolean).join(" · ");
    if (shown !== null && shown !== place) focusHeading();
    shown = place;
  }, [view, place]);
  return null;
}
