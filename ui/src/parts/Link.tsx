import CloudscapeLink, { type LinkProps } from "@cloudscape-design/components/link";
import type { ReactNode } from "react";
import { follow } from "../app/follow";

/** A link within the page: a plain click stays, any other is the browser's. */
export function Link({ href, children, ...rest }: LinkProps & { href: string; children: ReactNode }) {
  return (
    <CloudscapeLink
      {...rest}
      href={href}
      onFollow={(event) => {
        event.preventDefault();
        follow(href);
      }}
    >
      {children}
    </CloudscapeLink>
  );
}
