import { useEffect, useState } from "react";

const SCROLLED_PX = 160;
const MENU = 'button[aria-haspopup][aria-expanded="true"]';

function reason(): string | null {
  if (document.hidden) return "this tab is hidden";
  if (document.querySelector(MENU)) return "a menu is open";
  return window.scrollY > SCROLLED_PX ? "you scrolled down" : null;
}

/** Why what comes live should wait, so that nothing moves under the reader; null to go on. */
export function usePaused(): string | null {
  const [why, setWhy] = useState(reason);
  useEffect(() => {
    const look = () => setWhy(reason());
    const menus = new MutationObserver(look);
    menus.observe(document.body, { subtree: true, attributeFilter: ["aria-expanded"] });
    document.addEventListener("visibilitychange", look);
    window.addEventListener("scroll", look, { passive: true });
    return () => {
      menus.disconnect();
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("scroll", look);
    };
  }, []);
  return why;
}
