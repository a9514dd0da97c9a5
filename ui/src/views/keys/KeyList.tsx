import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useState } from "react";
import { useApi } from "../../api/hooks";
import { Panel } from "../../parts/Panel";
import { KeyForm } from "./KeyForm";
import { KeyTable } from "./KeyTable";
import { type Keys, keysPath } from "./key";
import { keysCsv } from "./keysCsv";
import { type Made, Secret } from "./Secret";

/** All keys; beyond a hundred, a page at a time. */
export function KeyList() {
  const [page, setPage] = useQueryState("p", parseAsInteger.withDefault(1).withOptions({ history: "push" }));
  const [alias, setAlias] = useQueryState(
    "alias",
    parseAsString.withDefault("").withOptions({ history: "push" }),
  );
  const [doing, setDoing] = useQueryState(
    "do",
    parseAsStringLiteral(["new"]).withOptions({ history: "push" }),
  );
  const [made, setMade] = useState<Made | null>(null);
  const asked = useApi<Keys>(keysPath(page, alias));
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description="A key calls models, reads usage, or manages, as its scopes say."
          actions={
            <Button variant="primary" onClick={() => void setDoing("new")}>
              Create a key
            </Button>
          }
        >
          Keys
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Panel
          title="All keys"
          asked={asked}
          csv={({ keys }) => keysCsv(keys)}
          height={320}
          empty={({ total_count }) => total_count === 0 && !alias}
          emptyText="There is no key yet, only the master key. Create one for each of your applications."
        >
          {({ keys, total_pages }) => (
            <KeyTable
              keys={keys}
              alias={alias}
              cut={total_pages > 1}
              onAlias={(text) => {
                void setPage(null);
                void setAlias(text || null);
              }}
              pagination={
                total_pages > 1 && (
                  <Pagination
                    currentPageIndex={page}
                    pagesCount={total_pages}
                    onChange={({ detail }) => void setPage(detail.currentPageIndex)}
                  />
                )
              }
            />
          )}
        </Panel>
      </SpaceBetween>
      {doing === "new" && (
        <KeyForm
          known={null}
          onDismiss={() => void setDoing(null)}
          onMade={(key) => {
            void setDoing(null);
            setMade(key);
          }}
        />
      )}
      {made && <Secret made={made} onDone={() => setMade(null)} />}
    </ContentLayout>
  );
}
