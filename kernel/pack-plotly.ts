/** @file Build step: minify and gzip plotly.js into dist/kernel, unless the copy there is newer than the library. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import { builtFile } from "./package-root.js";

const library = createRequire(import.meta.url).resolve("plotly.js-dist");
const packed = builtFile("plotly.min.js.gz");
const made = statSync(packed, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (made < statSync(library).mtimeMs) {
  const { code } = transformSync(readFileSync(library, "utf8"), {
    minify: true,
    legalComments: "none",
    charset: "utf8",
  });
  writeFileSync(packed, gzipSync(code, { level: 9 }));
}
