import Big from "big.js";
import { describe, expect, it } from "vitest";
import { parseExact, writeExact } from "../src/api/json";
import { cell, csv } from "../src/parts/downloads";
import {
  comparedStart,
  isZone,
  length,
  midnight,
  PRESETS,
  plusDays,
  rangeBack,
  rangeName,
  rangeOf,
} from "../src/values/dates";
import { exactMoney, money, percentage, signedMoney } from "../src/values/format";
import { customerName, joined, OTHERS, split } from "../src/values/ids";
import { growth, percent, sum } from "../src/values/money";

describe("money", () => {
  it("keeps every digit from the API to the screen", () => {
    const { spend } = parseExact('{"spend": 12345678901234567.000000000123}') as { spend: Big };
    expect(spend.toFixed()).toBe("12345678901234567.000000000123");
    expect(exactMoney(spend)).toBe("$12,345,678,901,234,567.000000000123");
  });
  it("keeps whole numbers beyond JavaScript's", () => {
    expect(String(parseExact("9007199254740993"))).toBe("9007199254740993");
  });
  it("is written as a number with all its digits", () => {
    expect(writeExact({ max_budget: new Big("0.10"), on: true, text: "1" })).toBe(
      '{"max_budget":0.1,"on":true,"text":"1"}',
    );
  });
  it("adds up as decimals", () => {
    expect(sum([new Big("0.1"), new Big("0.2"), null, undefined, 3]).toFixed()).toBe("3.3");
  });
  it("shows cents, and what is below a cent", () => {
    expect([
      money(new Big("1234.567")),
      money(new Big("0.00012345")),
      money(0),
      signedMoney(new Big("-2")),
      money(new Big("0.1")),
      money(new Big("0.999999")),
    ]).toEqual(["$1,234.57", "$0.000123", "$0.00", "-$2.00", "$0.10", "$1.00"]);
  });
  it("knows no growth from nothing", () => {
    expect([growth(3, 2), growth(1, 2), growth(5, 0), percent(1, 0), percent(1, 4)]).toEqual([
      50,
      -50,
      null,
      0,
      25,
    ]);
  });
});

describe("percentages", () => {
  it("are never rounded to all or nothing", () => {
    expect([99.99, 100, 0.04, 0, 99.9, 12.34].map(percentage)).toEqual([
      "> 99.9 %",
      "100 %",
      "< 0.1 %",
      "0 %",
      "99.9 %",
      "12.3 %",
    ]);
  });
});

describe("days", () => {
  it("begin at the first moment that clocks of the zone show", () => {
    const begins = (day: string, zone: string) => midnight(day, zone).toISOString().slice(0, 16);
    expect(begins("2026-03-08", "America/Havana")).toBe("2026-03-08T05:00"); // clocks skip midnight
    expect(begins("2026-11-01", "America/Havana")).toBe("2026-11-01T04:00"); // clocks show it twice
    expect(begins("2026-03-29", "Asia/Beirut")).toBe("2026-03-28T22:00");
    expect(begins("2026-04-05", "Pacific/Auckland")).toBe("2026-04-04T11:00");
    expect(begins("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00");
  });

  it("names a range without the year where it is the reader's own", () => {
    const plain = (text: string) => text.replaceAll("\u2009", " ");
    expect(plain(rangeName("2026-11-20..2026-11-26", "2026-11-27"))).toBe("Nov 20 – 26");
    expect(plain(rangeName("2025-11-20..2025-11-26", "2026-11-27"))).toBe("Nov 20 – 26, 2025");
    expect(plain(rangeName("2025-12-30..2026-01-02", "2026-11-27"))).toBe("Dec 30, 2025 – Jan 2, 2026");
  });

  it("names ranges as seen from today", () => {
    expect(PRESETS.last_month("2026-03-31")).toEqual({ start: "2026-02-01", end: "2026-02-28" });
    expect(PRESETS["7d"]("2026-03-02")).toEqual({ start: "2026-02-24", end: "2026-03-02" });
    expect(length(PRESETS.ytd("2026-02-01"))).toBe(32);
    expect(plusDays("2026-03-29", 1)).toBe("2026-03-30");
  });
  it("reach back whole weeks and months, today included", () => {
    expect(rangeBack(2, "week", "2026-03-14")).toEqual({ start: "2026-03-01", end: "2026-03-14" });
    expect(rangeBack(1, "month", "2026-03-31")).toEqual({ start: "2026-03-01", end: "2026-03-31" });
    expect(rangeBack(1, "month", "2026-11-27")).toEqual({ start: "2026-10-28", end: "2026-11-27" });
  });
  it("are compared with as many before, or with the same of last month", () => {
    const range = { start: "2026-03-31", end: "2026-03-31" };
    expect(comparedStart(range, "previous")).toBe("2026-03-30");
    expect(comparedStart(range, "last_month")).toBe("2026-02-28");
  });
  it("are of a zone that there is", () => {
    expect(["Europe/Berlin", "UTC", "Mars/Base", ""].map(isZone)).toEqual([true, true, false, false]);
  });
  it("refuses what is no range", () => {
    for (const text of ["", "x", "constructor", "2026-02-30..2026-03-01", "2026-03-02..2026-03-01"]) {
      expect(rangeOf(text, "2026-11-27")).toBeNull();
    }
    expect(rangeOf("2026-02-27..2026-03-01", "2026-11-27")).toEqual({
      start: "2026-02-27",
      end: "2026-03-01",
    });
  });
});

describe("ids", () => {
  it("come back from a list as they went in", () => {
    const ids = ["plain", "with, comma", 'with "quote"', "😀".repeat(256), "a b"];
    expect(split(joined(ids))).toEqual(ids);
  });
  it("are found in what a person pastes", () => {
    expect(split("one\r\n two;three\tfour,,one\n")).toEqual(["one", "two", "three", "four"]);
  });
  it("have a name for who has none", () => {
    expect([
      customerName("", null),
      customerName(OTHERS),
      customerName("c", "Acme"),
      customerName("c", ""),
    ]).toEqual(["Unassigned", "Others", "Acme", "c"]);
  });
});

describe("CSV", () => {
  it("keeps formulas from running, and numbers as numbers", () => {
    expect(["=1+1", "@x", "-2.5", "-a", "a,b"].map(cell)).toEqual(["'=1+1", "'@x", "-2.5", "'-a", '"a,b"']);
    expect(csv(["a"], [["1"], ['"']])).toBe('a\r\n1\r\n""""\r\n');
  });
});
