export const MOST = 8;

/** What is to be done before so many customers can be compared; "" when they can. */
export function outOfBounds(chosen: number): string {
  if (chosen > MOST) return `Eight customers at most: ${chosen} are chosen, so remove ${chosen - MOST}.`;
  if (chosen === 1) return "Choose one more customer to compare with.";
  return chosen === 0 ? "Choose two to eight customers." : "";
}
