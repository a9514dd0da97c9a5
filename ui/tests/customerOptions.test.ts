import { describe, expect, it } from "vitest";
import type { Leader } from "../src/api/types";
import { exactly, foundOptions, leadingOptions, matching, option } from "../src/parts/customerOptions";
import { OTHERS, shortened } from "../src/values/ids";

function leader(end_user_id: string, alias: string | null = null): Leader {
  return { end_user_id, alias, spend: 1 } as Leader;
}

describe("customers to choose from", () => {
  it("show the name, and the id below it", () => {
    expect(option({ id: "c1", alias: "Acme" })).toMatchObject({ label: "Acme", description: "c1" });
    expect(option({ id: "c1", alias: null })).not.toHaveProperty("description");
  });
  it("leave out the others, who cannot be chosen", () => {
    expect(leadingOptions([leader("a"), leader(OTHERS)]).map(({ value }) => value)).toEqual(["a"]);
  });
  it("are found by a part of id or name, in any case", () => {
    expect(matching([leader("ab"), leader("x", "CAB"), leader("y")], "Ab")).toHaveLength(2);
  });
  it("say who is blocked", () => {
    const row = { user_id: "a", alias: null, blocked: true, spend: 0 };
    expect(foundOptions([row])[0]?.labelTag).toBe("Blocked");
  });
  it("offer what was typed as it stands, once", () => {
    expect(exactly(" c9 ", [])).toMatchObject([{ value: "c9", label: "Use exactly “c9”" }]);
    expect(exactly("c9", [option({ id: "c9", alias: null })])).toEqual([]);
    expect(exactly("  ", [])).toEqual([]);
  });
});

describe("a long name", () => {
  it("is cut between what people see as letters", () => {
    const family = "👨‍👩‍👧";
    expect(shortened(family.repeat(50), 12)).toBe(`${family.repeat(2)}…`);
    expect(shortened("abcdef", 6)).toBe("abcdef");
    expect(shortened("abcdefg", 6)).toBe("abcde…");
  });
});
