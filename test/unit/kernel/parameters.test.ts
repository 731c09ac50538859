import { expect, test } from "vitest";
import type { Notebook } from "../../../kernel/notebook-file.js";
import { setParameters } from "../../../kernel/parameters.js";

function notebook(...sources: (string | [string])[]): Notebook {
  const cells = sources.map((source, i) => ({
    cell_type: "code" as const,
    id: `c${i}`,
    metadata: typeof source === "string" ? {} : { tags: ["parameters"] },
    source: typeof source === "string" ? source : source[0],
    execution_count: null,
    outputs: [],
  }));
  return { cells, metadata: {} };
}

const set = (source: string, values: Record<string, string>): string =>
  setParameters(notebook("1;", [source]), values).cells[1]!.source;

test("replaces values in the cell tagged parameters and leaves the rest of its text as it was", () => {
  const source = `// images\nconst box = 32, seed = -1; // at http://x, "seed = 2"\nlet name: string = 'a;b';\n`;
  expect(set(source, { seed: "7", name: `it's "b"` })).toBe(
    `// images\nconst box = 32, seed = 7; // at http://x, "seed = 2"\nlet name: string = "it's \\"b\\"";\n`,
  );
});

test("a value takes the kind of the value it replaces", () => {
  expect(set("const a = true", { a: "false" })).toBe("const a = false");
  expect(set("const a = 1", { a: "1e3" })).toBe("const a = 1000");
  expect(set("const a = [1, 2]", { a: "[3]" })).toBe("const a = [3]");
  expect(set("const a: string | null = null", { a: "12" })).toBe(`const a: string | null = "12"`);
  expect(set(`const a = "1"`, { a: "2" })).toBe(`const a = "2"`);
});

test("a value of another kind is refused by name", () => {
  expect(() => set("const box = 32", { box: "big" })).toThrow(
    '--set box: expected a number as in the notebook (32), got "big"',
  );
  expect(() => set("const box = 32", { box: "" })).toThrow("--set box: expected a number");
  expect(() => set("const on = true", { on: "yes" })).toThrow('--set on: expected true or false, got "yes"');
});

test("an unknown parameter is refused with those there are", () => {
  expect(() => set("const box = 32, seed = 1", { sead: "2" })).toThrow(
    "--set: expected parameters the notebook declares in one cell (box, seed), got sead",
  );
});

test("without a tag, the first cell that declares the names holds the parameters", () => {
  const changed = setParameters(notebook("const a = 1", "const b = 2", "const b = 3"), { b: "9" });
  expect(changed.cells.map((cell) => cell.source)).toEqual(["const a = 1", "const b = 9", "const b = 3"]);
});
