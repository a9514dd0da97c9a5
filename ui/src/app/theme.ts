import { applyMode, Mode } from "@cloudscape-design/global-styles";

const KEY = "tollgate.theme";
const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

/** The theme the reader chose; the system's without a choice. */
export function chosenTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  show();
}

/** Show the chosen theme, and follow the system when it changes. */
export function startTheme(): void {
  darkSystem.addEventListener("change", show);
  show();
}

function show(): void {
  const theme = chosenTheme();
  const dark = theme === "system" ? darkSystem.matches : theme === "dark";
  applyMode(dark ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}
