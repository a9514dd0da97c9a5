import "./customers.css";
import Button from "@cloudscape-design/components/button";
import type { Cursors } from "./useCursors";

type Props = { cursors: Cursors; next: string | null | undefined; busy?: boolean };

/** Previous and next page of a list that only knows how to go on. */
export function Pager({ cursors, next, busy = false }: Props) {
  return (
    <nav className="pager" aria-label="Pages">
      <Button
        variant="icon"
        iconName="angle-left"
        ariaLabel="Previous page"
        disabled={cursors.page === 1}
        onClick={cursors.previous}
      />
      <span className="numbers" role="status">
        Page {cursors.page}
      </span>
      <Button
        variant="icon"
        iconName="angle-right"
        ariaLabel="Next page"
        disabled={!next || busy}
        onClick={() => next && cursors.next(next)}
      />
    </nav>
  );
}
