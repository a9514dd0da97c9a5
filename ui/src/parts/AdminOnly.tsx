import Alert from "@cloudscape-design/components/alert";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import type { ReactNode } from "react";
import { roleOf, useSession } from "../app/session";

/** A view that only admins see; anybody else is told so. */
export function AdminOnly({ title, children }: { title: string; children: ReactNode }) {
  const { self } = useSession();
  if (roleOf(self) === "admin") return children;
  return (
    <ContentLayout header={<Header variant="h1">{title}</Header>}>
      <Alert type="info" header="This view is for admins">
        Your key reads usage. Sign in with a key that has the scope admin, or with the master key.
      </Alert>
    </ContentLayout>
  );
}
