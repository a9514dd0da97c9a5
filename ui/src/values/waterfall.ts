import Big from "big.js";
import type { Effects } from "../api/types";
import { big, percent } from "./money";

/** One bar of a waterfall: its amount, and where it begins and ends in per cent of the width. */
export type Step = {
  id: "before" | "volume" | "mix" | "price" | "now";
  amount: Big;
  start: number;
  end: number;
};

/** From what was spent before to what is spent now, over the effects that lie between. */
export function waterfall(effects: Effects): Step[] {
  const zero = new Big(0);
  const before = big(effects.previous_spend);
  const volume = before.plus(big(effects.volume_effect));
  const mix = volume.plus(big(effects.mix_effect));
  const now = big(effects.current_spend);
  const bars = [
    ["before", before, zero, before],
    ["volume", big(effects.volume_effect), before, volume],
    ["mix", big(effects.mix_effect), volume, mix],
    ["price", big(effects.price_effect), mix, now],
    ["now", now, zero, now],
  ] as const;
  const places = [zero, before, volume, mix, now];
  const low = places.reduce((least, one) => (one.lt(least) ? one : least));
  const high = places.reduce((most, one) => (one.gt(most) ? one : most));
  const at = (place: Big) => percent(place.minus(low), high.minus(low));
  return bars.map(([id, amount, from, to]) => ({
    id,
    amount,
    start: Math.min(at(from), at(to)),
    end: Math.max(at(from), at(to)),
  }));
}
