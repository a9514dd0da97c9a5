import "./customers.css";
import Box from "@cloudscape-design/components/box";
import { linkTo, useKept } from "../app/url";
import { customerName, OTHERS, shortened, UNASSIGNED } from "../values/ids";
import { Link } from "./Link";

/** A customer by name, with its id below, leading to its own view. */
export function CustomerLink({ id, alias }: { id: string; alias?: string | null }) {
  const kept = useKept();
  if (id === OTHERS) return <>Others</>;
  return (
    <div className="customer" title={alias ? `${alias} (${id})` : id}>
      <Link href={linkTo("customer", { ...kept, id: id || UNASSIGNED })}>
        {shortened(customerName(id, alias))}
      </Link>
      {alias && alias !== id && (
        <Box variant="small" display="block" color="text-body-secondary">
          {shortened(id)}
        </Box>
      )}
    </div>
  );
}
