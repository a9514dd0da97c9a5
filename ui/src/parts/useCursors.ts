import { useState } from "react";

export type Cursors = {
  cursor: string;
  page: number;
  next: (cursor: string) => void;
  previous: () => void;
};

/** Where one is in an answer that only knows how to go on: another question begins at its first page. */
export function useCursors(question: string): Cursors {
  const [walked, setWalked] = useState({ question, cursors: [] as string[] });
  const cursors = walked.question === question ? walked.cursors : [];
  return {
    cursor: cursors.at(-1) ?? "",
    page: cursors.length + 1,
    next: (cursor) => setWalked({ question, cursors: [...cursors, cursor] }),
    previous: () => setWalked({ question, cursors: cursors.slice(0, -1) }),
  };
}
