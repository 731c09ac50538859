import { expect, test } from "vitest";
import { check, checkCancelled, IolausError } from "../../../src/core/errors.js";

test("a check that holds says nothing", () => {
  expect(() => check(true, "box", "an even integer", 64)).not.toThrow();
});

test("a check that fails names the argument, what was expected, what came and what to do", () => {
  expect(() => check(false, "grid.box", "an even integer", 63, "pad the images")).toThrow(
    new IolausError("bad-argument", "grid.box: expected an even integer, got 63; pad the images"),
  );
  expect(() => check(false, "grid.box", "an even integer", undefined)).toThrow(
    /^grid\.box: expected an even integer, got undefined$/,
  );
});

test("errors carry a code to branch on and the cause they came from", () => {
  const cause = new Error("disk on fire");
  const error = new IolausError("bad-file", "a.mrc: unreadable", { cause });
  expect(error).toMatchObject({ name: "IolausError", code: "bad-file", cause });
  expect(error).toBeInstanceOf(Error);
});

test("work stops when the caller has aborted, and only then", () => {
  const stop = new AbortController();
  expect(() => checkCancelled(undefined)).not.toThrow();
  expect(() => checkCancelled(stop.signal)).not.toThrow();
  stop.abort();
  expect(() => checkCancelled(stop.signal)).toThrow(expect.objectContaining({ code: "cancelled" }));
});
