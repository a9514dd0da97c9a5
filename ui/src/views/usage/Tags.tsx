import Table from "@cloudscape-design/components/table";
import { pathOf } from "../../api/client";
import { useApi } from "../../api/hooks";
import { type Filters, linkTo, useKept } from "../../app/url";
import { csv } from "../../parts/downloads";
import { Link } from "../../parts/Link";
import { Panel } from "../../parts/Panel";
import { Share } from "../../parts/Share";
import { count, exactMoney, money } from "../../values/format";
import { shortened } from "../../values/ids";
import { big, type Exact, percent } from "../../values/money";

type Tag = { name: string; log_count: number; spend: Exact };
type Tags = { spend_per_tag: Tag[] };

const SHOWN = 10;

/** The tags that most was spent on; nothing where calls have no tags. */
export default function TopTags({ filters }: { filters: Filters }) {
  const { start_date, end_date } = filters.query;
  const asked = useApi<Tags>(pathOf("/global/spend/tags", { start_date, end_date }));
  const kept = useKept();
  const largest = asked.data?.spend_per_tag[0];
  if (!largest) return null;
  return (
    <Panel
      title="Top tags"
      description="Of all customers, whatever the other filters. A call with two tags counts for both."
      asked={asked}
      csv={({ spend_per_tag }) => tagsCsv(spend_per_tag)}
    >
      {({ spend_per_tag }) => (
        <Table
          items={spend_per_tag.slice(0, SHOWN)}
          variant="embedded"
          contentDensity="compact"
          ariaLabels={{ tableLabel: "Top tags" }}
          trackBy="name"
          columnDefinitions={[
            {
              id: "tag",
              header: "Tag",
              isRowHeader: true,
              cell: ({ name }) => (
                <Link href={linkTo("logs", { ...kept, tag: name })}>{shortened(name)}</Link>
              ),
            },
            {
              id: "bar",
              header: "Of the largest",
              cell: ({ spend }) => <Share of={percent(spend, largest.spend)} />,
            },
            {
              id: "spend",
              header: <div className="end">Spend</div>,
              cell: ({ spend }) => (
                <div className="numbers end" title={exactMoney(spend)}>
                  {money(spend)}
                </div>
              ),
            },
            {
              id: "calls",
              header: <div className="end">Calls</div>,
              cell: ({ log_count }) => <div className="numbers end">{count(log_count)}</div>,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function tagsCsv(tags: readonly Tag[]): string {
  return csv(
    ["tag", "calls", "spend"],
    tags.map((one) => [one.name, String(one.log_count), big(one.spend).toFixed()]),
  );
}
