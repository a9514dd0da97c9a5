import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { Loading } from "../parts/Panel";
import { useLate } from "./useLate";

/** While the API is asked about the key that this tab has. */
export function Checking({ onCancel }: { onCancel: () => void }) {
  const late = useLate(true);
  return (
    <main className="checking">
      <h1 className="unseen">Tollgate</h1>
      <Loading height={320} />
      <div role="status">
        {late && (
          <Box textAlign="center">
            <Box padding={{ bottom: "s" }}>The API is slow to answer. You can wait, or sign in anew.</Box>
            <Button onClick={onCancel}>Sign in anew</Button>
          </Box>
        )}
      </div>
    </main>
  );
}
