/**
 * @file plotly.js for pages and notebooks: once per page, gzipped in a script that unpacks it.
 *
 * `npm run build` leaves a minified copy in dist/kernel; without it the library's own file serves, a third larger.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { builtFile } from "./package-root.js";

/** Marks an output that holds the library, so that a page with its own copy can leave it out. */
export const libraryMarker = "data-iolaus-plotly";

/** Says to the figures already on the page that `window.Plotly` is there. */
export function plotlyLibraryHtml(): string {
  return `<script ${libraryMarker}>(${unpackLibrary})("${packedLibrary().toString("base64")}")</script>`;
}

/** plotly.js, gzipped. */
function packedLibrary(): Buffer {
  const packed = builtFile("plotly.min.js.gz");
  if (existsSync(packed)) return readFileSync(packed);
  return gzipSync(readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist")));
}

/** Runs in the page. */
const unpackLibrary = `async (packed) => {
  if (!window.Plotly) {
    const text = atob(packed), bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i); // a callback would cost a tenth of a second per MB
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }
  window.dispatchEvent(new Event("iolaus-plotly"));
}`;
