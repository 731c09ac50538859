/**
 * @file An executed notebook as one page that needs nothing from outside: Markdown, code, outputs, plotly.js once.
 *
 * Text is escaped and raw HTML in Markdown shown as text. HTML outputs are kept: they come from the notebook's own code.
 * The content-security policy forbids every request, so the page is what it is wherever it is opened.
 */
import { stripVTControlCharacters } from "node:util";
import escapeHtml from "escape-html";
import { Marked } from "marked";
import type { MimeBundle } from "./mime-bundle.js";
import type { Cell, Notebook, Output } from "./notebook-file.js";
import { libraryMarker, plotlyLibraryHtml } from "./plotly-library.js";
import { isFigureBundle } from "./rich-display.js";

/** The page; `name` is its title when the notebook has no heading. */
export function notebookPage(notebook: Notebook, name: string): string {
  const outputs = notebook.cells.flatMap((cell) => ("outputs" in cell ? cell.outputs : []));
  const figures = outputs.some((output) => output.output_type === "display_data" && isFigureBundle(output.data));
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<title>${escapeHtml(heading(notebook) ?? name)}</title>`,
    `<style>${style}</style></head><body><main>`,
    ...notebook.cells.map(cellHtml),
    "</main>",
    ...(figures ? [plotlyLibraryHtml()] : []),
    "</body></html>\n",
  ].join("\n");
}

/** plotly.js makes functions from text, hence 'unsafe-eval'. */
const policy =
  "default-src 'none'; img-src data: blob:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'";

const style = `
body { margin: 0; background: #fff; color: #1b1f24; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { font: 13px/1.45 ui-monospace, monospace; overflow-x: auto; margin: .5rem 0; }
pre.source { background: #f5f7f9; border-left: 3px solid #d97706; padding: .6rem .8rem; }
pre.stderr { background: #fdf3e7; padding: .4rem .6rem; }
pre.error { background: #fdeaea; padding: .4rem .6rem; }
table { border-collapse: collapse; font-size: 14px; margin: .5rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #d5dae0; padding: .2rem .6rem; }
thead th { background: #f5f7f9; position: sticky; top: 0; }
img { max-width: 100%; height: auto; }
.output { overflow-x: auto; }
`;

function heading({ cells }: Notebook): string | undefined {
  const text = cells.find((cell) => cell.cell_type === "markdown")?.source;
  return text?.match(/^#\s+(.+)$/m)?.[1];
}

function cellHtml(cell: Cell): string {
  if (!("outputs" in cell))
    return cell.cell_type === "markdown" ? `<section>\n${markdownHtml(cell.source)}</section>` : "";
  const outputs = cell.outputs.map((output) => `<div class="output">\n${outputHtml(output)}\n</div>`);
  return [
    `<section>\n<pre class="source"><code>${escapeHtml(cell.source)}</code></pre>`,
    ...outputs,
    "</section>",
  ].join("\n");
}

function outputHtml(output: Output): string {
  if (output.output_type === "stream") return `<pre class="${output.name}">${plainText(output.text)}</pre>`;
  if (output.output_type === "error") return `<pre class="error">${plainText(output.traceback.join("\n"))}</pre>`;
  return bundleHtml(output.data);
}

function bundleHtml(data: MimeBundle): string {
  const html = text(data["text/html"]);
  if (html.includes(libraryMarker)) return "";
  if (html !== "") return html;
  if ("text/markdown" in data) return markdownHtml(text(data["text/markdown"]));
  if ("image/svg+xml" in data)
    return picture("image/svg+xml", Buffer.from(text(data["image/svg+xml"])).toString("base64"));
  for (const type of ["image/png", "image/jpeg", "image/gif"]) if (type in data) return picture(type, text(data[type]));
  return `<pre>${plainText(text(data["text/plain"]))}</pre>`;
}

function text(value: unknown): string {
  return String(value ?? "");
}

function picture(type: string, base64: string): string {
  return `<img alt="" src="data:${type};base64,${escapeHtml(base64.replace(/\s/g, ""))}">`;
}

function plainText(value: string): string {
  return escapeHtml(stripVTControlCharacters(value));
}

/** Markdown whose raw HTML is shown, not obeyed, and whose links lead to documents, not to scripts. */
const markdown: Marked = new Marked({
  renderer: {
    html: ({ text }) => (text.startsWith("<!--") ? "" : escapeHtml(text)),
  },
  walkTokens: (token) => {
    if ((token.type === "link" || token.type === "image") && !safeLink.test(token["href"])) token["href"] = "#";
  },
});

const safeLink = /^(https?:|mailto:|#|data:image\/|(?![a-z][a-z0-9+.-]*:))/i;

function markdownHtml(source: string): string {
  return markdown.parse(source, { async: false });
}
