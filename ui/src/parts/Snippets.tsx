import Tabs from "@cloudscape-design/components/tabs";
import { type Call, snippetsOf } from "../values/snippets";
import { Code } from "./Code";

type Props = {
  call: Call;
  /** The key as it is shown, where what is copied holds more of it. */
  shownKey?: string;
};

/** A first call with curl, the SDKs and Claude Code, filled in with a key. */
export function Snippets({ call, shownKey }: Props) {
  const shown = snippetsOf({ ...call, key: shownKey ?? call.key });
  const copied = snippetsOf(call);
  return (
    <Tabs
      ariaLabel="Ways to call"
      tabs={shown.map(({ id, label, text }, index) => ({
        id,
        label,
        content: <Code label={`${label} lines`} text={text} copied={copied[index]?.text} />,
      }))}
    />
  );
}
