import { expect, test } from "vitest";
import { mendCell } from "../../../kernel/cell-source.js";

test("shorthand properties are written out, also nested and after comments, and nothing else changes", () => {
  expect(mendCell("f({ a, b: { c }, ...d, // { e }\n  g() {}, h: 1 })")).toBe(
    "f({ a: a, b: { c: c }, ...d, // { e }\n  g() {}, h: 1 })",
  );
});

test("patterns keep their meaning", () => {
  for (const code of [
    "const { a, b = 1 } = o;",
    "({ a = 1 } = o);",
    "import { a } from 'b';",
    "function f({ a }: T) {}",
  ])
    expect(mendCell(code)).toBe(code);
});

test("a parenthesised or iterating await gets a plain one before it, on the same line", () => {
  expect(mendCell("await (f())")).toBe("await null; await (f())");
  expect(mendCell("for await (const x of y) f(x);")).toBe("await null; for await (const x of y) f(x);");
  expect(mendCell("await f()")).toBe("await f()");
  expect(mendCell("/** @module m */ await (f())")).toBe("/** @module m */ await (f())");
});
