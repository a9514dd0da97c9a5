/** What the page calls a customer, key or other thing that may have no name. */
export const UNASSIGNED = "Unassigned"; // the API's id, too, of calls that named no customer
/** The API's id of everybody who is not told apart. */
export const OTHERS = " Others";

/** A list of ids as the API reads it: comma-separated, an id with a comma or quote quoted as in CSV. */
export function joined(ids: readonly string[]): string {
  return ids
    .map((id) => (/[",\n\r]/.test(id) || id !== id.trim() ? `"${id.replaceAll('"', '""')}"` : id))
    .join(",");
}

/** The ids of such a list, or of what a person pasted: separated by commas, semicolons, tabs or lines. */
export function split(text: string): string[] {
  const found = text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^",;\t\n\r]+))\s*(?:[,;\t\n\r]|$)/g);
  const ids = Array.from(found, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "");
  return [...new Set(ids.filter(Boolean))];
}

/** A customer as people read it: its alias, or its id. */
export function customerName(id: string, alias?: string | null): string {
  if (id === OTHERS) return "Others";
  return alias || id || UNASSIGNED;
}

const LONGEST_SHOWN = 40;

/** A name short enough for a token; never cut within what people see as one letter, such as a flag. */
export function shortened(text: string, most = LONGEST_SHOWN): string {
  if ([...text].length <= most) return text;
  let shown = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if ([...shown, ...segment].length >= most) break;
    shown += segment;
  }
  return `${shown}…`;
}

const LONGEST_QUERY = 6000; // characters in an address; servers refuse 8 kB and more

/** As many of some ids as one question can name. */
export function fitting(ids: readonly string[]): string[] {
  let left = LONGEST_QUERY;
  return ids.filter((id) => {
    const length = encodeURIComponent(joined([id])).length + 3;
    const fits = length <= left;
    if (fits) left -= length;
    return fits;
  });
}
