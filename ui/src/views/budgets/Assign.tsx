import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Tabs from "@cloudscape-design/components/tabs";
import { useSession } from "../../app/session";
import { Code } from "../../parts/Code";
import { EXAMPLE, postCommand } from "../../values/snippets";

/** How to put customers on a tier, from a shell. */
export function Assign({ id }: { id: string }) {
  const { to } = useSession();
  const command = (path: string, body: object) => postCommand(to.base, path, JSON.stringify(body));
  const ways = [
    { id: "new", label: "New customer", text: command("/customer/new", { user_id: EXAMPLE, budget_id: id }) },
    {
      id: "known",
      label: "Known customer",
      text: command("/customer/update", { user_id: EXAMPLE, budget_id: id }),
    },
    {
      id: "key",
      label: "Everybody behind a key",
      text: command("/key/generate", { key_alias: "app", end_user_budget_id: id }),
    },
    { id: "all", label: "Everybody", text: `MAX_END_USER_BUDGET_ID=${JSON.stringify(id)} make run` },
  ];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={`Set TOLLGATE_KEY to an admin's key, and ${EXAMPLE} to your customer's id. Deployed, the tier for everybody is the template's MaxEndUserBudgetId.`}
        >
          Put customers on it
        </Header>
      }
    >
      <Tabs
        ariaLabel="Ways to put customers on the tier"
        tabs={ways.map(({ id: way, label, text }) => ({
          id: way,
          label,
          content: <Code label={`${label} lines`} text={text} />,
        }))}
      />
    </Container>
  );
}
