import TopNavigation from "@cloudscape-design/components/top-navigation";
import { useState } from "react";
import type { Self } from "../api/types";
import { instant } from "../values/dates";
import { follow } from "./follow";
import { useSession } from "./session";
import { chooseTheme, chosenTheme, type Theme } from "./theme";
import { linkTo } from "./url";

const THEMES: readonly { id: Theme; text: string }[] = [
  { id: "system", text: "As the system" },
  { id: "light", text: "Light" },
  { id: "dark", text: "Dark" },
];

function expiry({ expires, reporting_timezone }: Self): string {
  return expires ? `Expires ${instant(expires, reporting_timezone)}.` : "Does not expire.";
}

/** Product name, theme, and who is signed in. */
export function TopBar() {
  const { self, signOut } = useSession();
  const [theme, setTheme] = useState(chosenTheme);
  const name = self.master ? "Master key" : (self.key_alias ?? self.key_name);

  function pick(id: string): void {
    const found = THEMES.find((one) => one.id === id)?.id ?? "system";
    chooseTheme(found);
    setTheme(found);
  }

  return (
    <div id="top-bar">
      <TopNavigation
        identity={{
          href: linkTo("usage"),
          title: "Tollgate",
          logo: { src: "./icon.svg", alt: "Logo" },
          onFollow: (event) => {
            event.preventDefault();
            follow(linkTo("usage"));
          },
        }}
        utilities={[
          {
            type: "menu-dropdown",
            text: "Theme",
            ariaLabel: "Theme",
            iconName: "settings",
            items: THEMES.map(({ id, text }) => ({ id, text, itemType: "checkbox", checked: id === theme })),
            onItemClick: ({ detail }) => pick(detail.id),
          },
          {
            type: "menu-dropdown",
            text: name,
            ariaLabel: `Key: ${name}`,
            iconName: "user-profile",
            title: name,
            description: `Scopes: ${self.scopes.join(", ")}. ${expiry(self)}`,
            items: [{ id: "out", text: "Sign out", description: `Tollgate ${self.version}` }],
            onItemClick: signOut,
          },
        ]}
      />
    </div>
  );
}
