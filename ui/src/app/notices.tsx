import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

type Kind = "success" | "error" | "info";
type Notice = { id: string; kind: Kind; text: string };
type Notices = { tell: (kind: Kind, text: string) => void; shown: Notice[]; dismiss: (id: string) => void };

const NoticesContext = createContext<Notices | null>(null);
const MOST = 3;

/** Short messages on top of the page: what was done, or why not. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Notice[]>([]);
  const notices = useMemo(
    () => ({
      shown,
      tell: (kind: Kind, text: string) =>
        setShown((before) => [{ id: crypto.randomUUID(), kind, text }, ...before].slice(0, MOST)),
      dismiss: (id: string) => setShown((before) => before.filter((one) => one.id !== id)),
    }),
    [shown],
  );
  return <NoticesContext.Provider value={notices}>{children}</NoticesContext.Provider>;
}

export function useNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (!notices) throw new Error("NoticesProvider is missing");
  return notices;
}

export function NoticeBar() {
  const { shown, dismiss } = useNotices();
  const items: FlashbarProps.MessageDefinition[] = shown.map(({ id, kind, text }) => ({
    id,
    type: kind,
    content: text,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: () => dismiss(id),
    ariaRole: kind === "error" ? "alert" : "status",
  }));
  return <Flashbar items={items} />;
}
