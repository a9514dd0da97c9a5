import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import type { RefObject } from "react";
import { asCurl, getText } from "../api/client";
import { useNotices } from "../app/notices";
import { useSession } from "../app/session";
import { saveCsv, savePng } from "./downloads";

type Props = {
  /** What is exported, for file names and screen readers. */
  name: string;
  /** The question whose answer is shown. */
  path: string | null;
  /** The same as CSV: a path of the API, or rows made here. */
  csv?: string | (() => string | Promise<string>) | null;
  /** What a picture is taken of. */
  picture?: RefObject<HTMLElement | null>;
};

/** CSV, PNG and "copy as API call" of one chart or table. */
export function ExportMenu({ name, path, csv, picture }: Props) {
  const { to } = useSession();
  const notices = useNotices();
  const file = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

  async function act(id: string): Promise<void> {
    if (id === "csv" && csv) saveCsv(file, typeof csv === "string" ? await getText(to, csv) : await csv());
    if (id === "png" && picture?.current) await savePng(file, picture.current);
    if (id === "curl" && path) {
      await navigator.clipboard.writeText(asCurl(to, path));
      notices.tell("success", "Copied. Set TOLLGATE_KEY to your key, and paste it in a shell.");
    }
  }

  const items = [
    { id: "csv", text: "Download CSV", disabled: !csv },
    { id: "png", text: "Download PNG", disabled: !picture },
    { id: "curl", text: "Copy as API call", disabled: !path },
  ];
  return (
    <ButtonDropdown
      variant="icon"
      ariaLabel={`Export ${name}`}
      expandToViewport
      items={items}
      onItemClick={({ detail }) =>
        void act(detail.id).catch((error: Error) => notices.tell("error", error.message))
      }
    />
  );
}
