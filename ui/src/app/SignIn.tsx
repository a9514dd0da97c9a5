import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type SubmitEvent, useState } from "react";
import type { ApiError } from "../api/errors";

type Props = { onKey: (key: string) => void; error: ApiError | null };

const NOT_IN_A_HEADER = /[^\x21-\x7e]/;

function problemOf(key: string): string {
  if (!key) return "Type or paste a key.";
  return NOT_IN_A_HEADER.test(key) ? "A key has no blanks and no letters beyond ASCII: copy it anew." : "";
}

/** Ask for a key. It stays in this tab only. */
export function SignIn({ onKey, error }: Props) {
  const [key, setKey] = useState("");
  const [wrong, setWrong] = useState("");

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const typed = key.trim();
    const problem = problemOf(typed);
    setWrong(problem);
    if (!problem) onKey(typed);
  }

  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Container header={<Header variant="h1">Tollgate</Header>}>
          <Form actions={<Button variant="primary">Sign in</Button>}>
            <SpaceBetween size="m">
              <Box color="text-body-secondary">See who spends what, on what, and what to do about it.</Box>
              {error && (
                <Alert type="error" header={error.message}>
                  {error.help}
                </Alert>
              )}
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
            </SpaceBetween>
          </Form>
        </Container>
      </form>
    </main>
  );
}
