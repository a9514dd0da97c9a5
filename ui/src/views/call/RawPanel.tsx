import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import { writeExact } from "../../api/json";
import type { Call } from "../../api/logs";

/** The answer of the API as it is, every digit kept. */
export function RawPanel({ call }: { call: Call }) {
  const text = writeExact(call, 2);
  return (
    <ExpandableSection
      variant="container"
      headerText="As JSON"
      headerActions={
        <CopyToClipboard
          copyButtonText="Copy"
          textToCopy={text}
          copySuccessText="Copied"
          copyErrorText="The browser did not let it be copied"
        />
      }
    >
      <pre className="raw" tabIndex={0} role="region" aria-label="The call as JSON">
        {text}
      </pre>
    </ExpandableSection>
  );
}
