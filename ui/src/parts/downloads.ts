const FORMULA = /^[=+\-@\t\r]/;

/** Save a text or picture as a file of the reader's. */
export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** One cell of a CSV file; what a spreadsheet would run as a formula begins with an apostrophe. */
export function cell(value: string): string {
  const safe = FORMULA.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows]
    .map((row) => row.map(cell).join(","))
    .join("\r\n")
    .concat("\r\n");
}

export function saveCsv(name: string, text: string): void {
  save(`${name}.csv`, new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
}

/** Save a part of the page as a picture, on the colour that it stands on. */
export async function savePng(name: string, element: HTMLElement): Promise<void> {
  const { toBlob } = await import("html-to-image");
  const backgroundColor = getComputedStyle(document.body).backgroundColor;
  const picture = await toBlob(element, { backgroundColor, pixelRatio: 2, skipFonts: true });
  if (picture) save(`${name}.png`, picture);
}
