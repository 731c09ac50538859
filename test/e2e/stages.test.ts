import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type CodeCell, type Notebook, readNotebook } from "../../kernel/notebook-file.js";
import { runNotebook } from "../../kernel/run-notebook.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const at = temporaryFolder();
const notebooks = fileURLToPath(new URL("../../notebooks/", import.meta.url));

/** Each stage's notebook at its smallest, and what it must show. */
const stages: [name: string, set: Record<string, string>, shows: string[]][] = [
  [
    "01-particles",
    { images: "60" },
    ["Particles: 16 images", "Contrast transfer: 60 particles", "shell", "variance of whitened noise"],
  ],
  [
    "02-pose-search",
    { images: "24", snr: "1", box: "24", toleranceDeg: "20" },
    ["Pose errors and what the search says of them", "Viewing directions found: 24 images", "median rotation error"],
  ],
  [
    "03-mixture",
    { images: "60", classes: "2", passes: "30", box: "24" },
    ["The run", "Central slices: 2 maps", "Certainty of the classes", "status"],
  ],
];

function shown({ cells }: Notebook): string[] {
  const code = cells.filter((cell): cell is CodeCell => "outputs" in cell);
  return code.flatMap(({ outputs }) =>
    outputs.flatMap((output) => (output.output_type === "display_data" ? [String(output.data["text/plain"])] : [])),
  );
}

test.each(stages)("notebook %s runs small, and its claims hold", async (name, set, shows) => {
  const { notebook } = await runNotebook(`${notebooks}${name}.ipynb`, { set: { ...set, folder: at() } });
  const texts = shown(notebook);
  expect(shows.filter((start) => !texts.some((text) => text.startsWith(start)))).toEqual([]);
});

test.each(stages)("notebook %s: a Markdown cell before each code cell of at most 15 lines", (name) => {
  const { cells } = readNotebook(`${notebooks}${name}.ipynb`);
  cells.forEach((cell, i) => {
    if (cell.cell_type !== "code") return;
    expect(cell.source.split("\n").length, cell.source).toBeLessThanOrEqual(15);
    expect(cells[i - 1]!.cell_type).toBe("markdown");
  });
});

test("a claim that does not hold stops the notebook", async () => {
  const set = { images: "24", snr: "1", box: "24", toleranceDeg: "0", folder: at() };
  const run = runNotebook(`${notebooks}02-pose-search.ipynb`, { set });
  await expect(run).rejects.toThrow(/expected a median error of at most 0°, got/);
});
