import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueryClient } from "@tanstack/react-query";
import { follow } from "../app/follow";
import { linkTo } from "../app/url";
import { exactMoney } from "../values/format";
import { customerName } from "../values/ids";
import type { Arrival } from "./arrival";

/** Says that a call has arrived, and leads to it. */
export function Arrived({ call }: { call: Arrival }) {
  const client = useQueryClient();
  const failed = call.status !== "success";

  function open(href: string): void {
    void client.invalidateQueries();
    follow(href);
  }

  return (
    <Alert
      type={failed ? "warning" : "success"}
      header={failed ? "Your call arrived, and failed at the provider" : "Your call has arrived"}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          <Button onClick={() => open(linkTo("call", { id: call.request_id }))}>See the call</Button>
          <Button onClick={() => open(linkTo("usage"))}>Open Usage</Button>
        </SpaceBetween>
      }
    >
      {customerName(call.end_user)} called {call.model} for {exactMoney(call.spend)}.
    </Alert>
  );
}
