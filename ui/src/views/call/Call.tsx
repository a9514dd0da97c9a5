import "../../parts/calls.css";
import "./call.css";
import Alert from "@cloudscape-design/components/alert";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { parseAsString, useQueryState } from "nuqs";
import { pathOf } from "../../api/client";
import { type Asked, useApi } from "../../api/hooks";
import type { Call as One } from "../../api/logs";
import { follow } from "../../app/follow";
import { roleOf, useSession } from "../../app/session";
import { linkTo, useKept } from "../../app/url";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { CostPanel } from "./CostPanel";
import { Facts } from "./Facts";
import { HoldPanel } from "./HoldPanel";
import { RawPanel } from "./RawPanel";
import { TimePanel } from "./TimePanel";

const OPEN_EVERY_MS = 2_000;

/** One call: what it was, what it cost line by line, and where its time went. */
export default function Call() {
  const [id] = useQueryState("id", parseAsString.withDefault(""));
  const path = id ? pathOf(`/spend/logs/${encodeURIComponent(id)}`) : null;
  const asked = useApi<One>(path, { every: (one) => (one?.status === "open" ? OPEN_EVERY_MS : false) });
  const kept = useKept();
  const missing = !id || asked.error?.status === 404;
  return (
    <ContentLayout
      header={
        <SpaceBetween size="xs">
          <BreadcrumbGroup
            items={[
              { text: "Logs", href: linkTo("logs", kept) },
              { text: "Call", href: "" },
            ]}
            onFollow={(event) => {
              event.preventDefault();
              if (event.detail.href) follow(event.detail.href);
            }}
          />
          <Header variant="h1">Call</Header>
        </SpaceBetween>
      }
    >
      {missing ? <Missing id={id} /> : <Panels asked={asked} />}
    </ContentLayout>
  );
}

function Panels({ asked }: { asked: Asked<One> }) {
  const { self } = useSession();
  return (
    <SpaceBetween size="l">
      <Panel title="What it was" asked={asked} height={180}>
        {(call) => <Facts call={call} />}
      </Panel>
      {!asked.error && (
        <SpaceBetween size="l">
          <div className="two-columns">
            <Panel title={roleOf(self) === "customer" ? "Charge" : "Cost"} asked={asked} height={280}>
              {(call) => <CostPanel call={call} />}
            </Panel>
            <SpaceBetween size="l">
              <Panel title="Time" asked={asked} height={120}>
                {(call) => <TimePanel call={call} zone={self.reporting_timezone} />}
              </Panel>
              <Panel title="Hold" asked={asked} height={100}>
                {(call) => <HoldPanel call={call} />}
              </Panel>
            </SpaceBetween>
          </div>
          {asked.data && <RawPanel call={asked.data} />}
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

/** No such call, or none that this key may see: the API does not tell the two apart. */
function Missing({ id }: { id: string }) {
  const { self } = useSession();
  const own = roleOf(self) === "customer";
  return (
    <Alert type="info" header={id ? "There is no such call" : "No call is named in the address"}>
      {id && (
        <p>
          Nothing is kept under <code className="breaks">{id}</code>
          {own ? ", or it is another customer's: your key shows only your own calls. " : ". "}
          It may be mistyped, or older than the log reaches back.
        </p>
      )}
      <Link href={linkTo("logs")}>Find it in the logs</Link>
    </Alert>
  );
}
