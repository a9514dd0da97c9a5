/** Go to a link within the page without loading it anew; the address is the page's whole state. */
export function follow(href: string): void {
  history.pushState(null, "", href);
  window.scrollTo({ top: 0 });
}
