import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { notebookText, readNotebook } from "../../../kernel/notebook-file.js";

const folder = mkdtempSync(join(tmpdir(), "notebook-file-"));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("reads sources as lines or text, gives ids to cells of older files, and writes nbformat 4.5", () => {
  const stream = { output_type: "stream", name: "stdout", text: ["d\n", "e"] };
  const cells = [
    { cell_type: "markdown", metadata: {}, source: ["a\n", "b"] },
    { cell_type: "code", metadata: {}, source: "c", outputs: [stream], execution_count: 4 },
  ];
  const joined = { ...stream, text: "d\ne" };
  const notebook = readNotebook(
    file("old.ipynb", { cells, metadata: { author: "x" }, nbformat: 4, nbformat_minor: 2 }),
  );
  expect(JSON.parse(notebookText(notebook))).toEqual({
    cells: [
      { cell_type: "markdown", id: "cell-1", metadata: {}, source: ["a\n", "b"] },
      { cell_type: "code", id: "cell-2", metadata: {}, source: ["c"], outputs: [joined], execution_count: null },
    ],
    metadata: { author: "x" },
    nbformat: 4,
    nbformat_minor: 5,
  });
});

test("a missing file, another kind of file and an old format are refused by name", () => {
  expect(() => readNotebook(join(folder, "none.ipynb"))).toThrow(
    "none.ipynb: expected a notebook, found no file to read",
  );
  expect(() => readNotebook(file("text.ipynb", "hello"))).toThrow("text.ipynb: expected a notebook (JSON)");
  expect(() => readNotebook(file("v3.ipynb", { nbformat: 3, worksheets: [] }))).toThrow("got nbformat 3");
  expect(() => readNotebook(file("cell.ipynb", { nbformat: 4, cells: [{ cell_type: "chart" }] }))).toThrow(
    "cell.ipynb: expected cell 1 to be code, markdown or raw, got chart",
  );
});
