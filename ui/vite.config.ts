import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `npm run dev` asks the local stack; `make run` serves the build itself.
const API = process.env.TOLLGATE_URL ?? "http://127.0.0.1:4000";
const PATHS = [
  "/customer",
  "/end_user",
  "/spend",
  "/global",
  "/key",
  "/budget",
  "/management",
  "/audit",
  "/v1",
];

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // which know light-dark()
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: Object.fromEntries(PATHS.map((path) => [path, API])) },
});
