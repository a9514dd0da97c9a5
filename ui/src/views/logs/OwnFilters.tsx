import FormField from "@cloudscape-design/components/form-field";
import Big from "big.js";
import { roleOf, useSession } from "../../app/session";
import { CustomerPicker } from "../../parts/CustomerPicker";
import { TextFilter } from "../../parts/TextFilter";
import { ValueSelect } from "../../parts/ValueSelect";
import type { LogFilters } from "./filters";

const STATUSES = [
  { value: "success", label: "Succeeded" },
  { value: "failure", label: "Failed" },
];

function amount(text: string): string {
  try {
    return text && new Big(text).lt(0) ? "An amount is not negative." : "";
  } catch {
    return "Type an amount in USD, such as 0.25.";
  }
}

/** The filters that only the logs have. */
export function OwnFilters({ own, set }: Pick<LogFilters, "own" | "set">) {
  const { self } = useSession();
  const typed = (name: "session" | "tag" | "request_id" | "min" | "max") => ({
    value: own[name],
    onChange: (value: string) => void set({ [name]: value || null }),
  });
  return (
    <>
      {roleOf(self) !== "customer" && (
        <FormField label="Customer">
          <CustomerPicker
            ariaLabel="Customer"
            single
            value={own.end_user ? [own.end_user] : []}
            onChange={(ids) => void set({ end_user: ids[0] ?? null })}
          />
        </FormField>
      )}
      <FormField label="Status">
        <ValueSelect
          label="Status"
          all="Any status"
          value={own.status}
          options={STATUSES}
          onChange={(status) => void set({ status: status as typeof own.status })}
        />
      </FormField>
      <TextFilter label="Session" placeholder="Id or a part of it" {...typed("session")} />
      <TextFilter label="Tag" {...typed("tag")} />
      <TextFilter label="Request id" {...typed("request_id")} />
      <TextFilter label="Spend at least" placeholder="USD" problem={amount} {...typed("min")} />
      <TextFilter label="Spend at most" placeholder="USD" problem={amount} {...typed("max")} />
    </>
  );
}
