import "../../parts/calls.css";
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import type { LogPage } from "../../api/logs";
import type { Series } from "../../api/types";
import { useSession } from "../../app/session";
import { FilterBar } from "../../parts/FilterBar";
import { Nothing, Panel } from "../../parts/Panel";
import { shortId } from "../../values/calls";
import { Controls } from "./Controls";
import { everything } from "./everything";
import { useLogFilters } from "./filters";
import { LiveState } from "./LiveState";
import { LogTable } from "./LogTable";
import { OwnFilters } from "./OwnFilters";
import { pageOf, placeOf } from "./paging";
import { usePreferences } from "./preferences";
import { Summary } from "./Summary";
import { merged } from "./tail";
import { usePaused } from "./usePaused";
import { useTail } from "./useTail";

const PARTS = ["zone", "model", "provider", "api_key"] as const;
const UNSET = {
  end_user: null,
  status: null,
  session: null,
  tag: null,
  min: null,
  max: null,
  request_id: null,
  at: null,
};
const HEIGHT = 480;

/** Every call: found by what it was, and followed as it comes. */
export default function Logs() {
  const { self, to } = useSession();
  const filters = useLogFilters(self.reporting_timezone);
  const { own, set, shared, ranged } = filters;
  const [preferences, setPreferences] = usePreferences();
  const { sort, order, live } = own;
  const question = pathOf("", { ...ranged, sort, order, size: preferences.size });
  const at = live ? "" : pageOf(own.at, question);
  const place = live ? { page_size: preferences.size } : placeOf(at, sort, order, preferences.size);
  const asked = useApi<LogPage>(pathOf("/spend/logs/v2", { ...ranged, ...place }));
  const series = useApi<Series>(filters.series);
  const paused = usePaused();
  const tail = useTail(filters.tail, live, paused !== null);
  const keys = useMemo(
    () => new Map((series.data?.values.api_keys ?? []).map(({ id, alias }) => [id, alias || shortId(id)])),
    [series.data],
  );
  const { end_user, status, session, tag, min, max, request_id } = own;
  const active = [end_user, status, session, tag, min, max, request_id].filter(Boolean).length;

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="Every call: whose it was, what it cost, how long it took, how it ended"
        >
          Logs
        </Header>
      }
    >
      <SpaceBetween size="l">
        <FilterBar
          {...(series.data && { values: series.data.values })}
          parts={PARTS}
          own={{ fields: <OwnFilters own={own} set={set} />, active, clear: () => void set(UNSET) }}
        />
        <Panel
          title="Calls"
          asked={asked}
          height={HEIGHT}
          csv={() => everything(to, ranged)}
          actions={
            <Controls
              {...{ own, set, at, question, preferences }}
              page={asked.refreshing ? undefined : asked.data}
              onPreferences={setPreferences}
            />
          }
          description={
            live ? (
              <LiveState tail={tail} paused={paused} />
            ) : (
              <Summary page={asked.data} series={series.data} counted={filters.counted} />
            )
          }
          remedy={() =>
            (sort !== "time" || at) && (
              <Button onClick={() => void set({ sort: null, order: null, at: null })}>
                Show the newest first
              </Button>
            )
          }
        >
          {(page) => (
            <LogTable
              rows={live ? merged(page.data, tail.rows) : page.data}
              names={{ zone: shared.zone, keys }}
              columns={preferences.columns}
              order={
                live
                  ? null
                  : {
                      by: sort,
                      descending: order === "desc",
                      onChange: (by, descending) =>
                        void set({ sort: by, order: descending || by !== sort ? "desc" : "asc", at: null }),
                    }
              }
              empty={<Empty page={page} live={live} />}
            />
          )}
        </Panel>
      </SpaceBetween>
    </ContentLayout>
  );
}

function Empty({ page, live }: { page: LogPage; live: boolean }) {
  if (live) return <Nothing>No calls today that fit the filters. The next one shows up here.</Nothing>;
  if (page.has_more) {
    return <Nothing>None of the newest 20,000 calls fits. The next page looks further back.</Nothing>;
  }
  return <Nothing>No calls fit. Choose other days or fewer filters.</Nothing>;
}
