import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea, { type TextareaProps } from "@cloudscape-design/components/textarea";
import { useEffect, useRef, useState } from "react";
import { count } from "../values/format";
import { fitting, split } from "../values/ids";

type Props = {
  /** Those chosen already. */
  before: readonly string[];
  onClose: () => void;
  /** All that are chosen now. */
  onIds: (ids: string[]) => void;
};

function found(ids: readonly string[]): string {
  return ids.length === 1 ? "1 id found." : `${count(ids.length)} ids found.`;
}

function chosen(more: number): string {
  return more === 1 ? "Choose 1 customer" : `Choose ${count(Math.max(more, 0))} customers`;
}

/** Ask for a list of customer ids, from a spreadsheet or a file. */
export function PasteList({ before, onClose, onIds }: Props) {
  const [text, setText] = useState("");
  const field = useRef<TextareaProps.Ref>(null);
  useEffect(() => {
    const later = requestAnimationFrame(() => field.current?.focus()); // the modal itself focuses its first button
    return () => cancelAnimationFrame(later);
  }, []);
  const ids = split(text);
  const all = [...new Set([...before, ...ids])];
  const fit = fitting(all);
  const over = all.length - fit.length;
  return (
    <Modal
      visible
      header="Paste a list of customers"
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" disabled={ids.length === 0} onClick={() => onIds(fit)}>
              {chosen(fit.length - before.length)}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <FormField
        label="Customer ids"
        description="One a line, or separated by commas, semicolons or tabs. An id with a comma stands in double quotes."
        constraintText={<span role="status">{found(ids)}</span>}
        warningText={
          over > 0 &&
          `One address holds no more: the last ${count(over)} are left out. Filter by model, key or days for everybody instead.`
        }
        stretch
      >
        <Textarea value={text} rows={8} ref={field} onChange={({ detail }) => setText(detail.value)} />
      </FormField>
    </Modal>
  );
}
