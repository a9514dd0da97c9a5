import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import { FirstCall } from "../../parts/FirstCall";

/** How to send the first call, for somebody who has just come. */
export default function Start() {
  return (
    <ContentLayout
      header={
        <Header variant="h1" description="Three lines, and the first customer's spend is on this page.">
          Start
        </Header>
      }
    >
      <FirstCall />
    </ContentLayout>
  );
}
