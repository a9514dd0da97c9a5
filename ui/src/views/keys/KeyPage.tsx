import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { useState } from "react";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import { follow } from "../../app/follow";
import { linkTo } from "../../app/url";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { ACTS, type Act, ConfirmKey } from "./ConfirmKey";
import { KeyFacts } from "./KeyFacts";
import { KeyForm } from "./KeyForm";
import { keyName, type VirtualKey } from "./key";
import { type Made, Secret } from "./Secret";

type Info = { key: string; info: Omit<VirtualKey, "token"> };
const DOING = ["edit", ...ACTS] as const;

/** One key: what it may do, its limits and spend, and what can be done to it. */
export function KeyPage({ id }: { id: string }) {
  const [doing, setDoing] = useQueryState("do", parseAsStringLiteral(DOING).withOptions({ history: "push" }));
  const [made, setMade] = useState<Made | null>(null);
  const asked = useApi<Info>(pathOf("/key/info", { key: id }));
  const key: VirtualKey | null = asked.data ? { ...asked.data.info, token: asked.data.key } : null;
  const close = () => void setDoing(null);

  function done(act: Act, answer: Made): void {
    if (act === "delete") follow(linkTo("keys"));
    else close();
    if (act === "regenerate") setMade(answer);
  }

  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={<Link href={linkTo("keys")}>All keys</Link>}
          actions={<Actions blocked={key?.blocked ?? null} onDo={(act) => void setDoing(act)} />}
        >
          <span className="anywhere">{key ? keyName(key) : "Key"}</span>
        </Header>
      }
    >
      <Panel title="What it may do" asked={asked} height={320}>
        {() => key && <KeyFacts of={key} />}
      </Panel>
      {key && doing === "edit" && <KeyForm known={key} onDismiss={close} onMade={close} />}
      {key && doing && doing !== "edit" && (
        <ConfirmKey
          key={doing}
          act={doing}
          of={key}
          onDismiss={close}
          onDone={(answer) => done(doing, answer)}
        />
      )}
      {made && <Secret made={made} onDone={() => setMade(null)} />}
    </ContentLayout>
  );
}

type ActionsProps = { blocked: boolean | null; onDo: (act: (typeof DOING)[number]) => void };

function Actions({ blocked, onDo }: ActionsProps) {
  const disabled = blocked === null;
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button disabled={disabled} onClick={() => onDo("delete")}>
        Delete
      </Button>
      <Button disabled={disabled} onClick={() => onDo("regenerate")}>
        Regenerate
      </Button>
      <Button disabled={disabled} onClick={() => onDo(blocked ? "unblock" : "block")}>
        {blocked ? "Unblock" : "Block"}
      </Button>
      <Button variant="primary" disabled={disabled} onClick={() => onDo("edit")}>
        Edit
      </Button>
    </SpaceBetween>
  );
}
