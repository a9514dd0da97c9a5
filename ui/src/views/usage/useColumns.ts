import type { CollectionPreferencesProps } from "@cloudscape-design/components/collection-preferences";
import { usePreference } from "../../parts/usePreference";
import { METRICS } from "./customerMetrics";

type Chosen = CollectionPreferencesProps.Preferences;

const CONTENT = [{ id: "customer", visible: true }, ...METRICS.map(({ id }) => ({ id, visible: true }))];
const OPTIONS = [
  { id: "customer", label: "Customer", alwaysVisible: true },
  ...METRICS.map(({ id, name }) => ({ id, label: name })),
];
const PAGE_SIZES = [10, 20, 50].map((value) => ({ value, label: `${value} customers` }));

function isChosen(kept: unknown): kept is Chosen {
  const { contentDisplay, pageSize } = (kept ?? {}) as Chosen;
  const known = new Set(OPTIONS.map(({ id }) => id));
  return (
    PAGE_SIZES.some(({ value }) => value === pageSize) &&
    Array.isArray(contentDisplay) &&
    contentDisplay.length === known.size &&
    contentDisplay.every(({ id }) => known.has(id))
  );
}

/** Which columns the table of customers has, in which order, and how many rows: the reader's choice. */
export function useColumns() {
  const [chosen, choose] = usePreference<Chosen>(
    "customers",
    { pageSize: 20, contentDisplay: CONTENT },
    isChosen,
  );
  const preferences: CollectionPreferencesProps = {
    title: "Columns and rows",
    confirmLabel: "Confirm",
    cancelLabel: "Cancel",
    preferences: chosen,
    pageSizePreference: { title: "Rows on a page", options: PAGE_SIZES },
    contentDisplayPreference: { title: "Columns", options: OPTIONS },
    onConfirm: ({ detail }) => choose(detail),
  };
  const display = chosen.contentDisplay as { id: string; visible: boolean }[];
  return { chosen, preferences, display };
}
