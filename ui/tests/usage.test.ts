import Big from "big.js";
import { describe, expect, it } from "vitest";
import type { OneSeries } from "../src/api/types";
import { canonical } from "../src/app/address";
import { bucketTitle, daysOf, hasHours, intervalOf } from "../src/values/intervals";
import { percents, perMillion, quotients } from "../src/values/ratio";
import { highest, linePoints, niceTop } from "../src/values/scale";
import { coloursOf, OTHER_COLOUR, seriesName, topRows } from "../src/values/series";
import { waterfall } from "../src/values/waterfall";
import { tokenRows } from "../src/views/usage/activityRows";
import { chartCsv } from "../src/views/usage/measures";

function one(id: string, spend: readonly (string | number)[], requests = 1, other = false): OneSeries {
  const points = spend.map((value) => new Big(value));
  const total = points.reduce((sum, value) => sum.plus(value), new Big(0));
  return {
    id,
    name: null,
    other,
    totals: { spend: total, api_requests: requests, total_tokens: 0 } as OneSeries["totals"],
    points: { spend: points, api_requests: [requests], total_tokens: [0] },
  };
}

describe("an address", () => {
  it("of LiteLLM's login is Usage at Customer usage", () => {
    expect(canonical("?login=success&page=new_usage")).toBe("?page=usage&tab=customers");
  });
  it("is left as it is otherwise", () => {
    for (const search of ["", "?page=usage&range=a..b", "?page=logs&tag=a%2Cb"]) {
      expect(canonical(search)).toBe(search);
    }
    expect(canonical("?login=success")).toBe("");
  });
});

describe("series", () => {
  it("keep the largest apart, and add the rest up to the last digit", () => {
    const rows = topRows(
      [
        one("a", ["0.1", "0.2"]),
        one("b", ["3", "4"]),
        one("c", ["0.01", "0.02"]),
        one(" Others", ["5", "6"], 1, true),
      ],
      "spend",
      "model",
      1,
    );
    expect(rows.map(({ title }) => title)).toEqual(["b", "Others"]);
    expect(rows[1]?.values.map(String)).toEqual(["5.11", "6.22"]);
    expect(rows[1]?.colour).toBe(OTHER_COLOUR);
  });
  it("have nothing left over where all are apart", () => {
    expect(topRows([one("a", [1])], "spend", "model")).toHaveLength(1);
    expect(topRows([], "spend", "model")).toEqual([]);
  });
  it("are ranked by what is measured", () => {
    const found = topRows([one("a", [9], 1), one("b", [1], 5)], "api_requests", "model");
    expect(found.map(({ id }) => id)).toEqual(["b", "a"]);
  });
  it("keep their colours in any order, each its own", () => {
    const ids = ["gpt-4o", "gpt-5", "claude", "gemini", "a", "b", "c", "d"];
    const colours = coloursOf(ids);
    expect(new Set(colours.values()).size).toBe(8);
    expect(coloursOf(ids.toReversed())).toEqual(colours);
  });
  it("are called by alias, by id, or by what they are not", () => {
    expect([
      seriesName({ id: "", name: null }, "customer"),
      seriesName({ id: "0123456789abcdef", name: null }, "api_key"),
      seriesName({ id: "x", name: "web app" }, "api_key"),
      seriesName({ id: " Others", name: null }, "model"),
    ]).toEqual(["Unassigned", "0123456789ab", "web app", "Others"]);
  });
});

describe("intervals", () => {
  const day = { start: "2026-11-05", end: "2026-11-05" };
  const month = { start: "2026-11-01", end: "2026-11-27" };
  it("suit the range", () => {
    expect(intervalOf(null, day, true)).toBe("hour");
    expect(intervalOf(null, day, false)).toBe("day");
    expect(intervalOf(null, month, false)).toBe("day");
    expect(intervalOf(null, { start: "2026-01-01", end: "2026-11-27" }, false)).toBe("week");
    expect(intervalOf("hour", month, false)).toBe("day");
  });
  it("have hours of two weeks, while they are kept", () => {
    expect(hasHours({ start: "2026-11-14", end: "2026-11-27" }, "2026-11-27", 35, "UTC")).toBe(true);
    expect(hasHours({ start: "2026-11-13", end: "2026-11-27" }, "2026-11-27", 35, "UTC")).toBe(false);
    expect(hasHours({ start: "2026-10-23", end: "2026-10-23" }, "2026-11-27", 35, "UTC")).toBe(false);
    const today = { start: "2026-11-27", end: "2026-11-27" };
    expect(hasHours(today, "2026-11-27", 35, "Asia/Kolkata")).toBe(false); // midnight is at half past
    expect(hasHours(today, "2026-11-27", 35, "America/New_York")).toBe(true);
  });
  it("open the days of a bar within the range", () => {
    expect(daysOf("2026-10-26", "week", month, true)).toEqual({ start: "2026-11-01", end: "2026-11-01" });
    expect(daysOf("2026-11-23", "week", month, true)).toEqual({ start: "2026-11-23", end: "2026-11-27" });
    expect(daysOf("2026-11-05", "day", month, true)).toEqual(day);
    expect(daysOf("2026-11-05", "day", month, false)).toBeNull();
    expect(daysOf("2026-11-05T13", "hour", day, true)).toBeNull();
  });
  it("have names", () => {
    expect(bucketTitle("2026-11-05T13", "hour")).toContain("13:00");
    expect(bucketTitle("2026-11-02", "week")).toMatch(/^Week of /);
  });
});

describe("a chart's axis", () => {
  it("ends at a round number", () => {
    expect([0, 0.00031, 1, 9.1, 23, 410].map(niceTop)).toEqual([1, 0.0004, 1, 10, 25, 500]);
  });
  it("holds the whole stack", () => {
    const rows = [
      { id: "a", title: "a", colour: "", values: [1, 2] },
      { id: "b", title: "b", colour: "", values: [3, null] },
    ];
    expect([highest(rows, 2, true), highest(rows, 2, false)]).toEqual([4, 3]);
  });
  it("starts small lines at zero", () => {
    expect(linePoints([0, 5, 10], 100, 20)).toBe("0,20 50,10 100,0");
    expect(linePoints([0, 0], 100, 20)).toBe("0,20 100,20");
  });
});

describe("quotients", () => {
  it("are none of nothing", () => {
    expect(percents([1, 0], [4, 0])).toEqual([25, null]);
    expect(quotients([10], [4]).map(String)).toEqual(["2.5"]);
    expect([perMillion(new Big("0.000003"), 2), perMillion(1, 0)].map(String)).toEqual(["1.5", "null"]);
  });
});

describe("a waterfall", () => {
  const effects = {
    current_spend: new Big("4"),
    previous_spend: new Big("10"),
    difference: new Big("-6"),
    volume_effect: new Big("-14"),
    mix_effect: new Big("5"),
    price_effect: new Big("3"),
    current_units: 1,
    previous_units: 2,
  };
  it("leads from before to now, also below zero", () => {
    const steps = waterfall(effects);
    expect(steps.map(({ start, end }) => [start, end].map(Math.round))).toEqual([
      [29, 100],
      [0, 100],
      [0, 36],
      [36, 57],
      [29, 57],
    ]);
  });
  it("stands still where nothing was spent", () => {
    const none = Object.fromEntries(
      Object.keys(effects).map((name) => [name, 0]),
    ) as unknown as typeof effects;
    expect(waterfall(none).every(({ start, end }) => start === 0 && end === 0)).toBe(true);
  });
});

describe("activity", () => {
  it("leaves out the tokens that nobody used", () => {
    const rows = tokenRows({
      totals: { input: 5, cache_read: 0, output: new Big(2) } as never,
      points: { input: [5], output: [2] } as never,
    });
    expect(rows.map(({ title }) => title)).toEqual(["Input", "Output"]);
  });
  it("is saved with every digit", () => {
    const rows = topRows([one("a", ["0.100000000000000000001"])], "spend", "model");
    expect(chartCsv(["2026-11-05"], rows)).toBe("bucket,a\r\n2026-11-05,0.100000000000000000001\r\n");
  });
});
