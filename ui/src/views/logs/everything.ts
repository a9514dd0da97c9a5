import { type Connection, getText, pathOf, type Query } from "../../api/client";

const MOST_PAGES = 40; // of 3,000 calls: what a spreadsheet still opens quickly

/** Every call of a question as CSV, the newest first. Throws Error when there are too many for one file. */
export function everything(to: Connection, question: Query): Promise<string> {
  return getText(to, pathOf("/spend/logs", { ...question, summarize: false }), MOST_PAGES);
}
