import "@cloudscape-design/global-styles/index.css";
import "./app/page.css";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { enableHistorySync, NuqsAdapter } from "nuqs/adapters/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { settleAddress } from "./app/address";
import { NoticesProvider } from "./app/notices";
import { startTheme } from "./app/theme";

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false } },
});
startTheme();
settleAddress();
enableHistorySync(); // follow() writes the address itself
createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <I18nProvider locale="en" messages={[messages]}>
      <QueryClientProvider client={client}>
        <NuqsAdapter>
          <NoticesProvider>
            <App />
          </NoticesProvider>
        </NuqsAdapter>
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
