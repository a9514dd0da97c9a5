import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";

/** What is seen of the page by somebody who is not inside. */
export function Doorway({ children }: { children: ReactNode }) {
  return (
    <main className="sign-in">
      <div className="sign-in-name">
        <img src="./icon.svg" alt="" width={48} height={48} />
        <Box variant="h1" padding={{ top: "xs", bottom: "xxs" }}>
          Tollgate
        </Box>
        <Box color="text-body-secondary">See who spends what, on what, and what to do about it.</Box>
      </div>
      {children}
    </main>
  );
}
