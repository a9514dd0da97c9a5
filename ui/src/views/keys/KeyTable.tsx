import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { type ReactNode, useMemo, useState } from "react";
import { useSession } from "../../app/session";
import { linkTo } from "../../app/url";
import { Lines } from "../../parts/Lines";
import { Link } from "../../parts/Link";
import { Nothing } from "../../parts/Panel";
import { instant } from "../../values/dates";
import { exactMoney, money } from "../../values/format";
import { compare } from "../../values/money";
import { having, keyName, type VirtualKey } from "./key";
import { StateBadge } from "./StateBadge";

type Props = {
  keys: readonly VirtualKey[];
  alias: string;
  /** Whether there are more keys than these: then the API looks for a whole alias. */
  cut: boolean;
  onAlias: (text: string) => void;
  pagination: ReactNode;
};

function columns(zone: string): TableProps.ColumnDefinition<VirtualKey>[] {
  return [
    {
      id: "key",
      header: "Key",
      minWidth: 150,
      isRowHeader: true,
      sortingComparator: (left, right) => keyName(left).localeCompare(keyName(right)),
      cell: (key) => (
        <>
          <Link href={linkTo("keys", { id: key.token })}>{keyName(key)}</Link>
          {key.key_alias && (
            <Box color="text-body-secondary" fontSize="body-s">
              {key.key_name}
            </Box>
          )}
        </>
      ),
    },
    { id: "state", header: "State", cell: (key) => <StateBadge of={key} /> },
    { id: "scopes", header: "Scopes", cell: (key) => <Lines texts={key.scopes} /> },
    { id: "customer", header: "Speaks for", cell: ({ customer_id }) => customer_id ?? "any customer" },
    {
      id: "spend",
      header: <div className="end">Total spend</div>,
      sortingComparator: (left, right) => compare(left.spend, right.spend),
      cell: ({ spend }) => (
        <div className="numbers end" title={exactMoney(spend)}>
          {money(spend)}
        </div>
      ),
    },
    {
      id: "used",
      header: "Last used",
      sortingField: "last_used_at",
      cell: (key) => (key.last_used_at ? instant(key.last_used_at, zone) : "Never"),
    },
    {
      id: "expires",
      header: "Expires",
      sortingField: "expires",
      cell: ({ expires }) => (expires ? instant(expires, zone) : "Never"),
    },
  ];
}

/** Keys, to be found and sorted. */
export function KeyTable({ keys, alias, cut, onAlias, pagination }: Props) {
  const { self } = useSession();
  const [text, setText] = useState(alias);
  const asks = cut || alias !== "";
  const definitions = useMemo(() => columns(self.reporting_timezone), [self.reporting_timezone]);
  const { items, collectionProps } = useCollection(asks ? keys : having(keys, text), {
    sorting: { defaultState: { sortingColumn: definitions[0] as TableProps.ColumnDefinition<VirtualKey> } },
  });
  const label = asks ? "Find a key by its whole alias, then press Enter" : "Find a key";
  return (
    <Table
      {...collectionProps}
      variant="borderless"
      items={items}
      trackBy="token"
      columnDefinitions={definitions}
      ariaLabels={{ tableLabel: "Keys" }}
      wrapLines
      empty={
        <Nothing>No key {asks ? "has this alias" : "fits"}. Check the spelling, or clear the search.</Nothing>
      }
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder={label}
          filteringAriaLabel={label}
          onChange={({ detail }) => setText(detail.filteringText)}
          onDelayedChange={({ detail }) => asks && onAlias(detail.filteringText.trim())}
        />
      }
      pagination={pagination}
    />
  );
}
