import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import type { ReactNode } from "react";
import type { Series } from "../api/types";
import { roleOf, useSession } from "../app/session";
import { type COMPARE, useFilters } from "../app/url";
import { today } from "../values/dates";
import { CustomerPicker } from "./CustomerPicker";
import { RangePicker } from "./RangePicker";
import { useNarrow } from "./useNarrow";
import { ValueSelect } from "./ValueSelect";
import { ZoneSelect } from "./ZoneSelect";

const PARTS = ["compare", "zone", "customers", "model", "provider", "api_key", "endpoint"] as const;
type Part = (typeof PARTS)[number];
type Props = {
  /** What there is to choose from: `values` of a series of the same range. */
  values?: Series["values"];
  /** The filters that a view has, besides the days. */
  parts?: readonly Part[];
  /** Filters of the view's own: the fields, how many are set, and how to clear them. */
  own?: { fields: ReactNode; active: number; clear: () => void };
};

const COMPARED: readonly { value: (typeof COMPARE)[number]; label: string }[] = [
  { value: "none", label: "No comparison" },
  { value: "previous", label: "Period before" },
  { value: "last_month", label: "Same days last month" },
];
const NONE = { customers: null, model: null, provider: null, api_key: null, endpoint: null };

function same(values: readonly string[] | undefined) {
  return values?.map((value) => ({ value, label: value }));
}

/** What a view is narrowed down to, all of it in the address; folded away on a phone. */
export function FilterBar(props: Props) {
  const { customers, model, provider, api_key, endpoint } = useFilters();
  const narrow = useNarrow();
  const shared = [customers.length, model, provider, api_key, endpoint].filter(Boolean).length;
  const active = shared + (props.own?.active ?? 0);
  if (!narrow) return <Fields {...props} active={active} />;
  return (
    <ExpandableSection headerText={active ? `Filters (${active} set)` : "Filters"} variant="footer">
      <Fields {...props} active={active} />
    </ExpandableSection>
  );
}

function Fields({ values, parts = PARTS, own, active }: Props & { active: number }) {
  const filters = useFilters();
  const { self } = useSession();
  const { set, zone } = filters;
  const has = (part: Part) => parts.includes(part);
  function clear(): void {
    void set(NONE);
    own?.clear();
  }
  const keys = values?.api_keys.map(({ id, alias }) => ({ value: id, label: alias ?? id.slice(0, 12) }));
  return (
    <search className="filters" aria-label="Filters">
      <FormField label="Days">
        <RangePicker range={filters.range} today={today(zone)} onChange={(range) => void set({ range })} />
      </FormField>
      {has("compare") && (
        <FormField
          label="Compare with"
          warningText={filters.compare !== filters.chosenCompare && `Not known that far back in ${zone}.`}
        >
          <Select
            selectedOption={COMPARED.find(({ value }) => value === filters.chosenCompare) ?? null}
            options={COMPARED}
            expandToViewport
            onChange={({ detail }) =>
              void set({ compare: detail.selectedOption.value as (typeof COMPARE)[number] })
            }
          />
        </FormField>
      )}
      {has("customers") && roleOf(self) !== "customer" && (
        <FormField label="Customers">
          <CustomerPicker value={filters.customers} onChange={(customers) => void set({ customers })} />
        </FormField>
      )}
      {has("model") && <Field label="Model" all="All models" name="model" options={same(values?.models)} />}
      {has("provider") && (
        <Field label="Provider" all="All providers" name="provider" options={same(values?.providers)} />
      )}
      {has("api_key") && <Field label="Key" all="All keys" name="api_key" options={keys} />}
      {has("endpoint") && (
        <Field label="Endpoint" all="All endpoints" name="endpoint" options={same(values?.endpoints)} />
      )}
      {has("zone") && (
        <ZoneSelect zone={zone} start={filters.days.start} onChange={(tz) => void set({ tz })} />
      )}
      {own?.fields}
      <div className="filters-end">
        <Button variant="link" disabled={!active} onClick={clear}>
          Clear filters
        </Button>
      </div>
    </search>
  );
}

type FieldProps = {
  label: string;
  all: string;
  name: "model" | "provider" | "api_key" | "endpoint";
  options: readonly { value: string; label: string }[] | undefined;
};

function Field({ label, all, name, options }: FieldProps) {
  const filters = useFilters();
  return (
    <FormField label={label}>
      <ValueSelect
        label={label}
        all={all}
        value={filters[name]}
        options={options}
        onChange={(value) => void filters.set({ [name]: value })}
      />
    </FormField>
  );
}
