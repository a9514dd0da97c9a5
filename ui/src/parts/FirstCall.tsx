import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";
import { useSession } from "../app/session";
import { EXAMPLE } from "../values/snippets";
import { Arrived } from "./Arrived";
import { useArrival } from "./arrival";
import { Snippets } from "./Snippets";

const YOURS = "YOUR_KEY";

/** The lines that send a first call; says so when it has arrived. */
export function FirstCall() {
  const { to, self } = useSession();
  const [shows, setShows] = useState(false);
  const arrival = useArrival();
  const calls = self.master || self.scopes.some((scope) => scope === "admin" || scope === "proxy");
  const key = calls ? to.key : YOURS;
  const hidden = calls && !shows;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Paste the lines into a shell, or into your program. They name the customer, so that you see who spent what. When the call has arrived, it is shown below."
        >
          Send a call
        </Header>
      }
    >
      <SpaceBetween size="m">
        {!calls && (
          <Alert type="info">
            Your key reads usage and calls no models. Put one in the place of {YOURS} that may: an admin makes
            it in Keys.
          </Alert>
        )}
        {calls && (
          <Toggle checked={shows} onChange={({ detail }) => setShows(detail.checked)}>
            Show my key in the lines (copying takes it along either way)
          </Toggle>
        )}
        <Snippets
          call={{ base: to.base, key, customer: self.customer_id === null ? EXAMPLE : null }}
          shownKey={hidden ? "sk-…" : undefined}
        />
        <div aria-live="polite" className="arrival">
          {arrival.call ? <Arrived call={arrival.call} /> : <Waiting failed={arrival.error !== null} />}
        </div>
      </SpaceBetween>
    </Container>
  );
}

function Waiting({ failed }: { failed: boolean }) {
  if (failed)
    return <StatusIndicator type="warning">The API did not answer just now; trying again.</StatusIndicator>;
  return <StatusIndicator type="loading">Waiting for your call…</StatusIndicator>;
}
