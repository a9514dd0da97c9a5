import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState } from "react";
import type { Comparison, Effects } from "../../api/types";
import { exactMoney, money, signedMoney } from "../../values/format";
import { customerName, OTHERS, shortened } from "../../values/ids";
import type { Amount } from "../../values/money";

type Item = { id: string; name: string; effects: Effects; models: readonly Item[] };

function itemsOf(customers: Comparison["customers"]): Item[] {
  const told = customers.filter(({ end_user_id }) => end_user_id !== OTHERS);
  const others = customers.filter(({ end_user_id }) => end_user_id === OTHERS);
  return [...told, ...others].map((one) => ({
    id: one.end_user_id,
    name: customerName(one.end_user_id, one.alias),
    effects: one,
    models: one.models.map((model) => ({
      id: `${one.end_user_id}\n${model.model}`,
      name: model.model || "Unknown",
      effects: model,
      models: [],
    })),
  }));
}

function number(
  id: string,
  header: string,
  value: (of: Effects) => Amount,
  show: (value: Amount) => string,
): TableProps.ColumnDefinition<Item> {
  return {
    id,
    header: <div className="end">{header}</div>,
    cell: ({ effects }) => (
      <div className="numbers end" title={exactMoney(value(effects))}>
        {show(value(effects))}
      </div>
    ),
  };
}

const COLUMNS: readonly TableProps.ColumnDefinition<Item>[] = [
  { id: "name", header: "Customer", isRowHeader: true, minWidth: 200, cell: ({ name }) => shortened(name) },
  number("before", "Before", ({ previous_spend }) => previous_spend, money),
  number("now", "Now", ({ current_spend }) => current_spend, money),
  number("difference", "Difference", ({ difference }) => difference, signedMoney),
  number("volume", "Volume", ({ volume_effect }) => volume_effect, signedMoney),
  number("mix", "Mix", ({ mix_effect }) => mix_effect, signedMoney),
  number("price", "Price", ({ price_effect }) => price_effect, signedMoney),
];

/** The customers whose spend changed most, and how; a row opens its models. */
export function EffectsTable({ customers }: Pick<Comparison, "customers">) {
  const [open, setOpen] = useState<readonly Item[]>([]);
  return (
    <Table
      items={itemsOf(customers)}
      columnDefinitions={COLUMNS}
      trackBy="id"
      variant="embedded"
      contentDensity="compact"
      ariaLabels={{
        tableLabel: "Customers whose spend changed most",
        expandButtonLabel: ({ name }) => `Show the models of ${name}`,
        collapseButtonLabel: ({ name }) => `Hide the models of ${name}`,
      }}
      expandableRows={{
        getItemChildren: ({ models }) => models,
        isItemExpandable: ({ models }) => models.length > 0,
        expandedItems: open,
        onExpandableItemToggle: ({ detail: { item, expanded } }) =>
          setOpen((before) => [...before.filter(({ id }) => id !== item.id), ...(expanded ? [item] : [])]),
      }}
    />
  );
}
