import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useEffect, useRef, useState } from "react";

type Props = {
  label: string;
  value: string;
  placeholder?: string;
  /** What is wrong with a text; "" when nothing is. */
  problem?: (text: string) => string;
  onChange: (value: string) => void;
};

const TYPING_MS = 500;

/** A filter that is typed: it takes effect when the reader stops typing, and only if it makes sense. */
export function TextFilter({ label, value, placeholder, problem, onChange }: Props) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const wrong = problem?.(text.trim()) ?? "";

  function commit(typed: string): void {
    clearTimeout(timer.current);
    const wanted = typed.trim();
    if (wanted !== value && !problem?.(wanted)) onChange(wanted);
  }
  function typed(next: string): void {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => commit(next), TYPING_MS);
  }

  return (
    <FormField label={label} errorText={wrong} stretch>
      <Input
        value={text}
        placeholder={placeholder ?? ""}
        onChange={({ detail }) => typed(detail.value)}
        onBlur={() => commit(text)}
        onKeyDown={({ detail }) => detail.key === "Enter" && commit(text)}
      />
    </FormField>
  );
}
