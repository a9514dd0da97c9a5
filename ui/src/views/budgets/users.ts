import type { Pages } from "../../api/hooks";
import type { CustomerRow } from "../../api/types";
import { count } from "../../values/format";

/** How many customers are on a tier, as far as it is known without reading all of them. */
export function howMany(users: Pages<CustomerRow>): string {
  const total = users.pages[0]?.total;
  if (total !== null && total !== undefined) return total === 1 ? "1 customer" : `${count(total)} customers`;
  const found = users.pages.flatMap((page) => page.rows).length;
  return users.more ? `${count(found)} customers or more` : `${count(found)} customers`;
}
