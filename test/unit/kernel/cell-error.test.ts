import { expect, test } from "vitest";
import { compileError, thrownError } from "../../../kernel/cell-error.js";
import { IolausError } from "../../../src/core/errors.js";

test("an error of ours is its sentence, without a stack", () => {
  const error = thrownError(new IolausError("bad-argument", "grid.box: expected an even box, got 33"));
  expect(error).toEqual({
    ename: "IolausError",
    evalue: "grid.box: expected an even box, got 33",
    traceback: ["IolausError: grid.box: expected an even box, got 33"],
  });
});

test("another error is its message first, its causes, then the frames down to the cell", () => {
  const error = new TypeError("boom", { cause: new RangeError("below") });
  error.stack = [
    "TypeError: boom",
    "    at f (evalmachine.<anonymous>:3:9)",
    "    at Executor.execute (/x/node_modules/tslab/dist/executor.js:1:1)",
  ].join("\n");
  expect(thrownError(error).traceback).toEqual([
    "TypeError: boom",
    "caused by RangeError: below",
    "    at f (this cell)",
  ]);
});

test("what is thrown need not be an error", () => {
  expect(thrownError({ a: 1 })).toMatchObject({ evalue: "{ a: 1 }" });
});

test("a cell that does not compile says so, with the compiler's lines", () => {
  expect(compileError(["1:7 - no"]).evalue).toBe("1:7 - no");
});
