import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Each folder of src/, in order: a folder may import itself and the rows above it, so no cycle can be written. */
const ORDER = [
  "core",
  "engine",
  "geometry",
  "optics",
  "io",
  "imaging",
  "field",
  "pose",
  "latent",
  "metrics",
  "conformation",
  "mixture",
  "encoder",
  "plot",
  "run",
];

const root = new URL("../src/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

test("src/ imports point one way", () => {
  const upward: string[] = [];
  for (const file of files) {
    const folder = file.includes("/") ? file.split("/")[0]! : "";
    if (folder === "") continue; // index.ts is the public list
    const row = ORDER.indexOf(folder);
    if (row < 0) throw new Error(`src/${folder}/ has no row in ORDER`);
    const text = readFileSync(new URL(file, root), "utf8");
    for (const [, target = ""] of text.matchAll(/from "(?:\.\.\/)+([a-z-]+)\//g))
      if (ORDER.indexOf(target) < 0 || ORDER.indexOf(target) > row) upward.push(`${file} → ${target}/`);
  }
  expect(upward).toEqual([]);
  expect(files.length).toBeGreaterThan(5);
});

test("latent/ knows no reconstruction, so it works on other programs' output", () => {
  const offenders = files
    .filter((file) => file.startsWith("latent/"))
    .filter((file) =>
      /from "\.\.\/(mixture|field|pose|encoder|imaging|engine)\//.test(readFileSync(new URL(file, root), "utf8")),
    );
  expect(offenders).toEqual([]);
});
