import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const path = (relative: string): string => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

test("the WebAssembly in src/pose/slices-wasm.ts is what its AssemblyScript compiles to; else `npm run wasm`", async () => {
  const asc = path("node_modules/assemblyscript/bin/asc.js");
  execFileSync(process.execPath, [asc, "--config", path("src/pose/wasm/asconfig.json"), "-o", folder("slices.wasm")]);
  const bytes = readFileSync(folder("slices.wasm")).toString("base64");
  const module = [
    "/** @file The WebAssembly of src/pose/wasm, in base64: made by `npm run wasm`, compared by its test. */",
    "export const SLICES_WASM: string =",
    `  "${bytes}";\n`,
  ];
  await expect(module.join("\n")).toMatchFileSnapshot(path("src/pose/slices-wasm.ts"));
}, 60_000);
