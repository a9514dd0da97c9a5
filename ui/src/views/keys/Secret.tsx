import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "../../app/session";
import { Code } from "../../parts/Code";
import { Snippets } from "../../parts/Snippets";
import { EXAMPLE } from "../../values/snippets";
import { keyName, type VirtualKey } from "./key";

/** The API's answer that holds a secret: there is no other. */
export type Made = VirtualKey & { key: string };

/** Show a new secret once, with what to do with it. It is kept nowhere. */
export function Secret({ made, onDone }: { made: Made; onDone: () => void }) {
  const { to } = useSession();
  const calls = made.scopes.includes("proxy") || made.scopes.includes("admin");
  return (
    <Modal
      visible
      size="large"
      header={`The key ${keyName(made)}`}
      closeAriaLabel="Close"
      onDismiss={({ detail }) => detail.reason !== "overlay" && onDone()}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onDone}>
            I have kept it
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="l">
        <Alert type="warning" header="Copy it now">
          This is the only time that it is shown. Whoever has it may do what it may.
        </Alert>
        <Code label="key" text={made.key} />
        {calls && (
          <SpaceBetween size="s">
            <Header variant="h3">Use it</Header>
            <Snippets
              call={{
                base: to.base,
                key: made.key,
                customer: made.customer_id === null ? EXAMPLE : null,
                models: made.models,
              }}
            />
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Modal>
  );
}
