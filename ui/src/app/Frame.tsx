import AppLayout from "@cloudscape-design/components/app-layout";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import { Suspense, useState } from "react";
import { Loading } from "../parts/Panel";
import { Arrival } from "./Arrival";
import { Boundary } from "./Boundary";
import { follow } from "./follow";
import { focusHeading } from "./heading";
import { NoticeBar } from "./notices";
import { roleOf, useSession } from "./session";
import { TopBar } from "./TopBar";
import { linkTo, useKept, useView } from "./url";
import { CONTENT, NAVIGATION, WITHIN } from "./views";

const WIDE = "(min-width: 1100px)";

/** The frame around every view: bar, navigation, messages. */
export function Frame() {
  const view = useView();
  const kept = useKept();
  const [open, setOpen] = useState(() => matchMedia(WIDE).matches);
  const { self } = useSession();
  const shown = NAVIGATION.filter(({ roles }) => roles.includes(roleOf(self)));
  const listed = shown.some((one) => one.view === view);
  const Content = CONTENT[view];
  return (
    <>
      <a
        className="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          focusHeading();
        }}
      >
        Skip to content
      </a>
      <TopBar />
      <AppLayout
        headerSelector="#top-bar"
        toolsHide
        maxContentWidth={1680}
        navigationWidth={200}
        navigationOpen={open}
        onNavigationChange={({ detail }) => setOpen(detail.open)}
        ariaLabels={{
          navigation: "Views",
          navigationToggle: "Open the list of views",
          navigationClose: "Close the list of views",
          notifications: "Messages",
        }}
        notifications={<NoticeBar />}
        navigation={
          <SideNavigation
            activeHref={linkTo(listed ? view : (WITHIN[view] ?? view), kept)}
            items={shown.map(({ text, view: of }) => ({ type: "link", text, href: linkTo(of, kept) }))}
            onFollow={(event) => {
              event.preventDefault();
              follow(event.detail.href);
            }}
          />
        }
        content={
          <div id="content">
            <Boundary key={view}>
              <Suspense fallback={<Loading height={480} />}>
                <Content />
                <Arrival view={view} />
              </Suspense>
            </Boundary>
          </div>
        }
      />
    </>
  );
}
