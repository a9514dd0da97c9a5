import "./code.css";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

type Props = {
  /** What it is, for screen readers. */
  label: string;
  text: string;
  /** What is copied, where some of it is not shown. */
  copied?: string;
};

/** Lines to paste somewhere, with a button that copies them. */
export function Code({ label, text, copied }: Props) {
  return (
    <div className="code">
      <section className="code-lines" aria-label={label} tabIndex={0}>
        <pre>{text}</pre>
      </section>
      <CopyToClipboard
        variant="icon"
        copyButtonAriaLabel={`Copy ${label}`}
        copySuccessText="Copied"
        copyErrorText="The browser does not let the page copy. Select the lines and copy them yourself."
        textToCopy={copied ?? text}
      />
    </div>
  );
}
