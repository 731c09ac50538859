import { expect, test } from "vitest";
import { notebookPage } from "../../../kernel/html-page.js";
import type { Cell, Notebook, Output } from "../../../kernel/notebook-file.js";

const markdown = (source: string): Cell => ({ cell_type: "markdown", id: "m", metadata: {}, source });
const code = (source: string, ...outputs: Output[]): Cell => ({
  cell_type: "code",
  id: "c",
  metadata: {},
  source,
  execution_count: 1,
  outputs,
});
const page = (...cells: Cell[]): string => notebookPage({ cells, metadata: {} } satisfies Notebook, "name");

test("the title is the first heading, else the file's name; both escaped", () => {
  expect(page(markdown("# One <two>\n\ntext"))).toContain("<title>One &lt;two&gt;</title>");
  expect(notebookPage({ cells: [], metadata: {} }, "<x>")).toContain("<title>&lt;x&gt;</title>");
});

test("raw HTML in Markdown is shown, not obeyed; links to scripts lead nowhere", () => {
  const html = page(
    markdown(
      "<img src=x onerror=alert(1)> <!-- note --> [a](javascript:alert(1)) [b](DATA:text/html,x) [c](other.html)",
    ),
  );
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(html).not.toContain("javascript:");
  expect(html).not.toContain("DATA:");
  expect(html).not.toContain("note");
  expect(html).toContain('href="other.html"');
});

test("code, streams, errors and text are escaped, and terminal colours are dropped", () => {
  const html = page(
    code(
      "a<b>(c)",
      { output_type: "stream", name: "stdout", text: "\u001b[31m<i>\u001b[0m" },
      { output_type: "error", ename: "E", evalue: "v", traceback: ["<u>"] },
      { output_type: "display_data", data: { "text/plain": "<s>" }, metadata: {} },
    ),
  );
  expect(html).toContain("a&lt;b&gt;(c)");
  expect(html).toContain('<pre class="stdout">&lt;i&gt;</pre>');
  expect(html).toContain("&lt;u&gt;");
  expect(html).toContain("<pre>&lt;s&gt;</pre>");
});

test("an SVG output stands in an image, where its scripts cannot run", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const html = page(code("1", { output_type: "display_data", data: { "image/svg+xml": svg }, metadata: {} }));
  expect(html).toContain(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
  expect(html).not.toContain("alert(1)");
});

test("a page without figures carries no plotly.js", () => {
  expect(page(code("1")).length).toBeLessThan(5000);
});
