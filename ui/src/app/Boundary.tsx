import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import { Component, type ReactNode } from "react";

type Props = { children: ReactNode };

/** What is left to say when a view cannot be shown: its file is gone with an older release, or it has a mistake. */
export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Alert
        type="error"
        header="This view could not be shown"
        action={<Button onClick={() => location.reload()}>Reload</Button>}
      >
        A newer release of the page may be there: reload it. If that does not help, its mistake is in the
        browser's console.
      </Alert>
    );
  }
}
