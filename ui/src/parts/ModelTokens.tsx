import Autosuggest from "@cloudscape-design/components/autosuggest";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useState } from "react";
import { useApi } from "../api/hooks";
import { split } from "../values/ids";

type Props = { value: readonly string[]; onChange: (models: string[]) => void };
type Models = { data: { id: string }[] };

/** Models that may be called, by name or pattern; none means all. */
export function ModelTokens({ value, onChange }: Props) {
  const [text, setText] = useState("");
  const served = useApi<Models>("/v1/models");
  const options = (served.data?.data ?? [])
    .filter(({ id }) => !value.includes(id))
    .map(({ id }) => ({ value: id }));

  function add(typed: string): void {
    onChange([...new Set([...value, ...split(typed)])]);
    setText("");
  }

  return (
    <SpaceBetween size="xs">
      <Autosuggest
        value={text}
        options={options}
        onChange={({ detail }) => setText(detail.value)}
        onSelect={({ detail }) => add(detail.value)}
        onBlur={() => text.trim() && add(text)}
        enteredTextLabel={(typed) => `Add ${typed}`}
        placeholder={value.length ? "Add another" : "Every model"}
        empty="No such model; a pattern such as gpt-4* is possible"
        virtualScroll
        expandToViewport
      />
      <TokenGroup
        items={value.map((label) => ({ label, dismissLabel: `Remove ${label}` }))}
        onDismiss={({ detail }) => onChange(value.filter((_, at) => at !== detail.itemIndex))}
        limit={8}
      />
    </SpaceBetween>
  );
}
