import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundleOf, displaySymbol } from "../../../kernel/mime-bundle.js";
import { tinyFigure } from "../../support/tiny-figure.js";

test("a figure is one bundle: HTML with a picture that needs no script, SVG, Plotly JSON and text", () => {
  const figure = tinyFigure();
  const bundle = bundleOf(figure)!;
  expect(Object.keys(bundle)).toEqual(["text/html", "image/svg+xml", "application/vnd.plotly.v1+json", "text/plain"]);
  const html = String(bundle["text/html"]);
  const withoutScripts = html.replace(/<script[\s\S]*?<\/script>/g, "");
  const picture = withoutScripts.match(/src="data:image\/svg\+xml;base64,([^"]+)"/)![1]!;
  expect(Buffer.from(picture, "base64").toString()).toBe(figure.svg);
  expect(bundle["image/svg+xml"]).toBe(figure.svg);
  expect(bundle["text/plain"]).toBe("Three points\nmean 2");
});

test("the HTML of a figure carries its Plotly data and its size", () => {
  const html = String(bundleOf(tinyFigure())!["text/html"]);
  const packed = html.match(/\("[0-9a-f]{12}","([^"]+)"\)/)![1]!;
  const { data, layout } = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString());
  expect(data).toEqual(tinyFigure().plotly.data);
  expect(layout).toEqual({ title: { text: "three" }, width: 320, height: 200 });
});

test("a large figure travels once: no plain Plotly JSON beside the packed one", () => {
  const x = Array.from({ length: 40_000 }, (_, i) => i / 7);
  const bundle = bundleOf(tinyFigure({ plotly: { data: [{ x, y: x }], layout: {} } }))!;
  expect(bundle).not.toHaveProperty("application/vnd.plotly.v1+json");
});

test("a hostile title or text reaches the HTML as text only", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror="alert(2)">`;
  const html = String(bundleOf(tinyFigure({ title: hostile, text: hostile }))!["text/html"]);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<img/g)).toHaveLength(1);
  expect(html).toContain("&lt;script&gt;");
});

test("a hostile table is text in HTML, in names and in cells", () => {
  const html = String(bundleOf([{ "<b>name": "<img src=x onerror=alert(1)>", value: 1 }])!["text/html"]);
  expect(html).not.toMatch(/<(b|img|script)/);
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
});

test("rows become a table of the union of their columns, numbers to five digits", () => {
  const bundle = bundleOf([
    { species: "a", share: 1 / 3 },
    { species: "bc", count: 12n },
  ])!;
  expect(bundle["text/plain"]).toBe(
    ["species  share    count", "a        0.33333       ", "bc                   12"].join("\n"),
  );
});

test("a long table shows its first and last rows and counts the rest", () => {
  const text = String(bundleOf(Array.from({ length: 1000 }, (_, i) => ({ i })))!["text/plain"]);
  const rows = text.split("\n").map((line) => line.trim());
  expect(rows.slice(0, 2)).toEqual(["i", "0"]);
  expect(rows).toContain("… 980 more rows …");
  expect(rows.at(-1)).toBe("999");
  expect(rows).toHaveLength(1 + 16 + 1 + 4);
});

test("danfojs data frames and series are tables", async () => {
  const { DataFrame, Series } = await import("danfojs-node");
  const frame = bundleOf(new DataFrame([{ a: 1, b: "x" }]))!;
  expect(frame["text/plain"]).toBe("a  b\n1  x");
  expect(
    String(bundleOf(new Series([3, 4]))!["text/plain"])
      .split("\n")
      .slice(1),
  ).toEqual(["3", "4"]);
});

test("a map shows its slices and its surface", () => {
  const values = new Float32Array(16 ** 3);
  values.fill(1, 1500, 2500);
  const bundle = bundleOf({ kind: "volume", box: 16, pixelSizeAngstrom: 3, values })!;
  expect(String(bundle["text/html"]).match(/<div data-iolaus-figure="/g)).toHaveLength(2);
  expect(String(bundle["image/svg+xml"])).toMatch(/^<svg/);
  expect(bundle["text/plain"]).toContain("box 16");
});

test("an object may bring its own bundle", () => {
  expect(bundleOf({ [displaySymbol]: () => ({ "text/plain": "own" }) })).toEqual({ "text/plain": "own" });
});

test("other values have no bundle, and are left to the console", () => {
  for (const value of [null, undefined, 3, "text", [], [1, 2], [[1]], { a: 1 }, [new Map()], [{ a: {} }]])
    expect(bundleOf(value)).toBeNull();
});
