import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useRef } from "react";
import type { ApiError } from "../api/errors";

type Props = {
  title: string;
  submitText: string;
  onSubmit: () => void;
  onDismiss: () => void;
  busy: boolean;
  /** Why the last attempt failed. */
  error: ApiError | null;
  /** What else is to be said above the buttons. */
  warning?: string | undefined;
  disabled?: boolean;
  size?: "medium" | "large";
  children: ReactNode;
};

/** A form or a question in front of the page; Enter sends it, Escape leaves it. */
export function FormModal(props: Props) {
  const { title, submitText, onSubmit, onDismiss, busy, error, warning, disabled } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The modal brings the keyboard to its close button first.
    const later = requestAnimationFrame(() => form.current?.querySelector("input")?.focus());
    return () => cancelAnimationFrame(later);
  }, []);
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onDismiss}>
          Cancel
        </Button>
        <Button variant="primary" loading={busy} disabled={disabled} onClick={onSubmit}>
          {submitText}
        </Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal
      visible
      header={title}
      size={props.size ?? "medium"}
      onDismiss={onDismiss}
      footer={footer}
      closeAriaLabel="Close"
    >
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !disabled) onSubmit();
        }}
      >
        <SpaceBetween size="l">
          {props.children}
          <div role="alert">
            {warning && <Alert type="warning">{warning}</Alert>}
            {error && (
              <Alert type="error" header={error.message}>
                {error.help}
              </Alert>
            )}
          </div>
        </SpaceBetween>
        <button type="submit" className="unseen" tabIndex={-1} aria-hidden>
          {submitText}
        </button>
      </form>
    </Modal>
  );
}
