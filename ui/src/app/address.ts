/** An address as this page writes it: LiteLLM's `?login=success&page=new_usage` is Usage at its tab Customer usage. */
export function canonical(search: string): string {
  const query = new URLSearchParams(search);
  if (!query.has("login") && query.get("page") !== "new_usage") return search;
  query.delete("login");
  if (query.get("page") === "new_usage") {
    query.set("page", "usage");
    query.set("tab", "customers");
  }
  const text = query.toString();
  return text && `?${text}`;
}

/** Write the address anew where it is not as this page writes it; before anything reads it. */
export function settleAddress(): void {
  const search = canonical(location.search);
  if (search !== location.search)
    history.replaceState(null, "", `${location.pathname}${search}${location.hash}`);
}
