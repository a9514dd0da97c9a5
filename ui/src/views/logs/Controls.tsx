import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import type { LogPage } from "../../api/logs";
import { columnsOf } from "./columns";
import type { LogFilters } from "./filters";
import { following, numberOf, preceding } from "./paging";
import { type Preferences, SIZES } from "./preferences";

type Props = Pick<LogFilters, "own" | "set"> & {
  at: string;
  question: string;
  page: LogPage | undefined;
  preferences: Preferences;
  onPreferences: (chosen: Preferences) => void;
};

const COLUMNS = columnsOf({ zone: "UTC", keys: new Map(), kept: { range: null, compare: null, tz: null } });

/** Live, page by page, and what is shown of a call. */
export function Controls({ own, set, at, question, page, preferences, onPreferences }: Props) {
  const next = following(page, at, question);
  const number = numberOf(at);
  return (
    <SpaceBetween direction="horizontal" size="xs" alignItems="center">
      <Toggle
        checked={own.live}
        onChange={({ detail }) => void set({ live: detail.checked || null, at: null })}
      >
        Live
      </Toggle>
      <Button
        iconName="angle-left"
        variant="icon"
        ariaLabel="Previous page"
        disabled={own.live || at === ""}
        onClick={() => void set({ at: preceding(at) || null })}
      />
      <span className="numbers">{number ? `Page ${number}` : "Page"}</span>
      <Button
        iconName="angle-right"
        variant="icon"
        ariaLabel="Next page"
        disabled={own.live || next === null}
        onClick={() => void set({ at: next })}
      />
      <CollectionPreferences
        title="Columns and page size"
        confirmLabel="Apply"
        cancelLabel="Cancel"
        preferences={{
          pageSize: preferences.size,
          contentDisplay: COLUMNS.map(({ id }) => ({ id, visible: preferences.columns.includes(id) })),
        }}
        pageSizePreference={{
          title: "Calls on a page",
          options: SIZES.map((value) => ({ value, label: `${value} calls` })),
        }}
        contentDisplayPreference={{
          title: "Columns",
          options: COLUMNS.map(({ id, label }) => ({ id, label, alwaysVisible: id === "time" })),
        }}
        onConfirm={({ detail }) => {
          void set({ at: null });
          onPreferences({
            size: detail.pageSize ?? preferences.size,
            columns: (detail.contentDisplay ?? []).filter((one) => one.visible).map((one) => one.id),
          });
        }}
      />
    </SpaceBetween>
  );
}
