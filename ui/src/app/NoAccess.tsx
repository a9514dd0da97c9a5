import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Doorway } from "./Doorway";
import { useSession } from "./session";

/** What the holder of a key that only calls models is told. */
export function NoAccess() {
  const { self, signOut } = useSession();
  return (
    <Doorway>
      <Alert
        type="info"
        header={`The key ${self.key_alias ?? self.key_name} calls models, and may not see usage.`}
        action={<Button onClick={signOut}>Use another key</Button>}
      >
        An admin makes one that may: in Keys, with the scope usage:read, or usage:read:&lt;customer&gt; for
        one customer.
      </Alert>
    </Doorway>
  );
}
