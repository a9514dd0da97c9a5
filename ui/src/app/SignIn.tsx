import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type SubmitEvent, useEffect, useState } from "react";
import type { ApiError } from "../api/errors";
import { Doorway } from "./Doorway";
import { useLate } from "./useLate";
import { whyNot } from "./whyNot";

type Props = {
  onKey: (key: string) => void;
  /** Ask again with the key that this tab has; null where that cannot help. */
  onRetry: (() => void) | null;
  error: ApiError | null;
  /** Whether somebody was signed in until now. */
  ended: boolean;
  busy: boolean;
};

const NOT_IN_A_HEADER = /[^\x21-\x7e]/;

function problemOf(key: string): string {
  if (!key) return "Type or paste a key.";
  return NOT_IN_A_HEADER.test(key) ? "A key has no blanks and no letters beyond ASCII: copy it anew." : "";
}

/** Ask for a key. It stays in this tab only; the address stays as it is. */
export function SignIn({ onKey, onRetry, error, ended, busy }: Props) {
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");
  const late = useLate(busy);
  useEffect(() => {
    document.title = "Sign in · Tollgate";
  }, []);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const typed = key.trim();
    const problem = problemOf(typed);
    setWrong(problem);
    if (!problem && !busy) onKey(typed);
  }

  return (
    <Doorway>
      <form onSubmit={submit}>
        <Container>
          <SpaceBetween size="m">
            <div role="alert">{error && <Failed error={error} ended={ended} onRetry={onRetry} />}</div>
            <FormField
              label="Key"
              description="One that may read usage, or the master key. It is kept in this tab only."
              errorText={wrong}
            >
              <Input
                type="password"
                value={key}
                onChange={({ detail }) => setKey(detail.value)}
                placeholder="sk-…"
                autoFocus
                autoComplete={false}
                name="key"
              />
            </FormField>
            <Button
              variant="primary"
              formAction="submit"
              loading={busy}
              loadingText="Checking the key"
              fullWidth
            >
              Sign in
            </Button>
            <div role="status">
              {late && <Box color="text-body-secondary">The API is slow to answer; still waiting.</Box>}
            </div>
          </SpaceBetween>
        </Container>
      </form>
    </Doorway>
  );
}

function Failed({
  error,
  ended,
  onRetry,
}: {
  error: ApiError;
  ended: boolean;
  onRetry: (() => void) | null;
}) {
  const { header, help } = whyNot(error);
  return (
    <Alert
      type={ended ? "warning" : "error"}
      header={header}
      action={onRetry && <Button onClick={onRetry}>Try again</Button>}
    >
      {help}
      {ended && " You are back where you were once you have signed in."}
    </Alert>
  );
}
