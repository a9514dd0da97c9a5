import Box from "@cloudscape-design/components/box";
import { type Pages, useChange } from "../../api/hooks";
import type { CustomerRow } from "../../api/types";
import { useNotices } from "../../app/notices";
import { FormModal } from "../../parts/FormModal";
import type { Tier } from "./tier";
import { howMany } from "./users";

type Props = { tier: Tier; users: Pages<CustomerRow>; onDismiss: () => void; onDone: () => void };

/** Ask once more, saying who is on the tier, and delete it. */
export function DeleteTier({ tier, users, onDismiss, onDone }: Props) {
  const change = useChange<{ id: string }>("/budget/delete", { leaves: true });
  const notices = useNotices();
  const id = tier.budget_id;

  function remove(): void {
    change.mutate(
      { id },
      {
        onSuccess: () => {
          notices.tell("success", `The tier ${id} was deleted.`);
          onDone();
        },
      },
    );
  }

  return (
    <FormModal
      title={`Delete the tier ${id}?`}
      submitText="Delete"
      busy={change.isPending}
      error={change.error}
      onSubmit={remove}
      onDismiss={onDismiss}
    >
      <Box>
        <strong>{users.pages.length ? howMany(users) : "We could not count who"}</strong> on this tier go on
        with their key's tier, else with the deployment's default, else without limits. A new tier of the same
        name is theirs again.
      </Box>
      <Box>
        If this is the deployment's default tier, calls of customers without limits of their own are refused
        until there is one again.
      </Box>
    </FormModal>
  );
}
