import Button from "@cloudscape-design/components/button";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useRef, useState } from "react";
import { count } from "../values/format";
import { customerName, shortened } from "../values/ids";
import { PasteList } from "./PasteList";
import { useAliases, useCustomerOptions } from "./useCustomerOptions";

type Props = {
  value: readonly string[];
  onChange: (ids: string[]) => void;
  /** For a form field around it that has a label of its own. */
  ariaLabel?: string;
  /** What no choice means. */
  placeholder?: string;
  /** One customer at most: another choice takes its place. */
  single?: boolean;
};

const TOKENS = 3;

/** Choose customers among any number of them: by search, from a list, or those who spent most. */
export function CustomerPicker({
  value,
  onChange,
  ariaLabel = "Customers",
  placeholder = "All customers",
  single = false,
}: Props) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [pasting, setPasting] = useState(false);
  const picked = useRef(new Map<string, string>());
  const unnamed = value.filter((id) => !picked.current.has(id));
  const aliases = useAliases(unnamed);
  const offered = useCustomerOptions(open, text);
  const chosen = value.map((id) => ({
    value: id,
    label: shortened(customerName(id, picked.current.get(id) ?? aliases.get(id))),
  }));

  function choose(ids: string[]): void {
    for (const { value: id, alias } of offered.options)
      if (ids.includes(id) && alias) picked.current.set(id, alias);
    onChange(single ? ids.slice(-1) : ids);
  }

  return (
    <div className="picker">
      <Multiselect
        ariaLabel={ariaLabel}
        placeholder={value.length ? `${count(value.length)} chosen` : placeholder}
        filteringType="manual"
        filteringPlaceholder="Search by id or name"
        filteringAriaLabel="Search customers by id or name"
        filteringClearAriaLabel="Clear the search"
        selectedOptions={chosen}
        options={offered.options}
        statusType={offered.status}
        loadingText="Looking for customers"
        errorText={offered.problem}
        recoveryText="Try again"
        finishedText={
          offered.typed ? "No more customers" : "Those who spent most this month. Type to find others."
        }
        empty="No customers"
        tokenLimit={TOKENS}
        keepOpen={!single}
        deselectAriaLabel={({ label }) => `Remove ${label}`}
        onFocus={() => setOpen(true)}
        onLoadItems={({ detail }) => {
          setOpen(true);
          setText(detail.filteringText);
          if (!detail.samePage && !detail.firstPage) offered.more();
          if (detail.samePage) offered.reload();
        }}
        onChange={({ detail }) => choose(detail.selectedOptions.map((one) => one.value ?? ""))}
      />
      {!single && (
        <SpaceBetween direction="horizontal" size="s">
          <Button variant="inline-link" onClick={() => setPasting(true)}>
            Paste a list
          </Button>
          {value.length > 0 && (
            <Button variant="inline-link" onClick={() => onChange([])}>
              Clear all
            </Button>
          )}
        </SpaceBetween>
      )}
      {pasting && (
        <PasteList
          before={value}
          onClose={() => setPasting(false)}
          onIds={(ids) => {
            setPasting(false);
            onChange(ids);
          }}
        />
      )}
    </div>
  );
}
