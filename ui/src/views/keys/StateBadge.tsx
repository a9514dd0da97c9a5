import Badge, { type BadgeProps } from "@cloudscape-design/components/badge";
import { type State, stateOf, type VirtualKey } from "./key";

const SHOWN: Record<State, { color: NonNullable<BadgeProps["color"]>; text: string }> = {
  active: { color: "green", text: "Active" },
  blocked: { color: "red", text: "Blocked" },
  expired: { color: "grey", text: "Expired" },
};

/** Whether a key is let in. */
export function StateBadge({ of }: { of: VirtualKey }) {
  const { color, text } = SHOWN[stateOf(of, new Date())];
  return <Badge color={color}>{text}</Badge>;
}
