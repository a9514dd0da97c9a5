import Big from "big.js";
import { describe, expect, it } from "vitest";
import type { Cost, LogRow, Timings } from "../src/api/logs";
import { ended } from "../src/values/calls";
import { midnight } from "../src/values/dates";
import { receiptOf } from "../src/views/call/receipt";
import { placed, stretches } from "../src/views/call/waterfall";
import { logRange } from "../src/views/logs/filters";
import { following, numberOf, pageOf, placeOf, preceding } from "../src/views/logs/paging";
import { fresh, merged } from "../src/views/logs/tail";

const COST: Cost = {
  lines: [
    { class: "input", quantity: 1976, unit_price: new Big("1.25"), per: 1000000, amount: new Big("0.00247") },
    { class: "output", quantity: 239, unit_price: 10, per: 1000000, amount: new Big("0.00239") },
  ],
  cost: new Big("0.00486"),
  charge: new Big("0.005346"),
  price_version: "v",
  current_price_version: "v",
  price_changed: false,
  estimated: null,
  unpriced: false,
};
const TIMINGS: Timings = {
  started_at: "2026-11-26T23:52:36.186Z",
  day: "2026-11-26",
  closed_at: "2026-11-26T23:52:41.520Z",
  first_byte_after_ms: 900,
  answered_after_ms: 5300,
  duration_ms: 5300,
};

function call(request_id: string, status: LogRow["status"] = "success"): LogRow {
  return {
    request_id,
    status,
    metadata: { stream: false, attempted_fallbacks: 0, would_block: null },
  } as LogRow;
}

describe("a receipt", () => {
  it("adds up to the last digit, and tells the markup", () => {
    const { total, exact, markup } = receiptOf(COST);
    expect([total.toFixed(), exact, markup.toFixed()]).toEqual(["0.00486", true, "0.000486"]);
  });
  it("says when it does not add up", () => {
    expect(receiptOf({ ...COST, cost: new Big("0.004860000000000000001") }).exact).toBe(false);
  });
});

describe("the time of a call", () => {
  it("is told without gaps", () => {
    expect(stretches(TIMINGS).map(({ from, to }) => [from, to])).toEqual([
      [0, 900],
      [900, 5300],
      [5300, 5334],
    ]);
  });
  it("is one stretch where the first byte is not known, and nothing while it lasts", () => {
    const unknown = stretches({ ...TIMINGS, first_byte_after_ms: null });
    expect(unknown.map(({ name }) => name)).toEqual(["Waiting and answer", "Booking"]);
    expect(stretches({ ...TIMINGS, closed_at: null })).toEqual([]);
    expect(stretches({ ...TIMINGS, answered_after_ms: null })[0]?.to).toBe(5334);
  });
  it("never runs backwards", () => {
    const late = stretches({ ...TIMINGS, first_byte_after_ms: 6000, answered_after_ms: 5400 });
    expect(late.every(({ from, to }) => from <= to)).toBe(true);
  });
  it("fills the axis", () => {
    expect(placed({ name: "", from: 25, to: 75 }, 100)).toEqual({ left: 25, width: 50 });
    expect(placed({ name: "", from: 0, to: 0 }, 0)).toEqual({ left: 0, width: 0 });
  });
});

describe("what comes live", () => {
  it("shows each call once, as it was told of last, the newest first", () => {
    const rows = merged([call("02"), call("01", "open")], [call("01"), call("03", "open")]);
    expect(rows.map(({ request_id, status }) => [request_id, status])).toEqual([
      ["03", "open"],
      ["02", "success"],
      ["01", "success"],
    ]);
  });
  it("keeps at most 200, and counts only new ones", () => {
    const many = Array.from({ length: 300 }, (_, n) => call(String(1000 + n)));
    expect([merged([], many).length, merged([], many)[0]?.request_id]).toEqual([200, "1299"]);
    expect(fresh([call("01")], [call("01"), call("02", "open"), call("02")])).toBe(1);
  });
});

describe("pages", () => {
  const page = { data: [], total: null, has_more: true, next_cursor: "abc" };
  it("go on by cursor and find back", () => {
    expect(following(page, "", "q")).toBe("abc");
    expect(following({ ...page, next_cursor: "def" }, "abc", "q")).toBe("def");
    expect([numberOf("def"), preceding("def"), preceding("abc"), numberOf("elsewhere")]).toEqual([
      3,
      "abc",
      "",
      0,
    ]);
    expect(placeOf("abc", "time", "desc", 50)).toMatchObject({ cursor: "abc", page: null });
  });
  it("are numbered in another order", () => {
    expect(following({ ...page, next_cursor: null }, "", "q")).toBe("2");
    expect(placeOf("2", "spend", "asc", 50)).toMatchObject({ page: "2", cursor: null, sort_by: "spend" });
    expect(following({ ...page, has_more: false }, "2", "q")).toBeNull();
  });
  it("of another question are forgotten", () => {
    expect([pageOf("abc", "other"), pageOf("linked", "other")]).toEqual(["", "linked"]);
  });
});

describe("days of another zone", () => {
  it("are asked for by their moments", () => {
    const days = { start: "2026-03-29", end: "2026-03-29" };
    expect(logRange(days, "UTC", "UTC")).toEqual({ start_date: "2026-03-29", end_date: "2026-03-29" });
    expect(logRange(days, "Europe/Berlin", "UTC")).toEqual({
      start_date: "2026-03-28 23:00:00",
      end_date: "2026-03-29 21:59:59",
    });
    expect(midnight("2026-11-01", "America/New_York").toISOString()).toBe("2026-11-01T04:00:00.000Z");
  });
});

describe("an ending", () => {
  it("is said in words", () => {
    const { metadata } = call("1");
    expect(
      ended({ status: "failure", metadata: { ...metadata, ending: "upstream_error", http_status: 500 } }),
    ).toEqual({
      kind: "error",
      text: "Provider error, 500",
    });
    expect(
      ended({ status: "success", metadata: { ...metadata, ending: "client_gone", estimated: "x" } }),
    ).toEqual({
      kind: "warning",
      text: "Client hung up, estimated",
    });
  });
});
