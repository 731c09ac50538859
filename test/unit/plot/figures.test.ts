import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { makeFigure } from "../../../src/plot/figure.js";
import { escaped } from "../../../src/plot/svg.js";
import { gallery } from "./gallery.js";
import { pictureContrast, svgElements } from "./svg-elements.js";

test.each(Object.entries(gallery))("%s: the static picture has its labels and marks", (_, {
  figure,
  labels,
  marks,
}) => {
  const elements = svgElements(figure.svg);
  const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
  for (const label of labels) expect(texts).toContain(escaped(label));
  expect(texts).toContain(escaped(figure.title));
  for (const [name, least] of Object.entries(marks))
    expect(elements.filter((e) => e.name === name).length, name).toBeGreaterThanOrEqual(least);
  for (const picture of elements.filter(({ name }) => name === "image"))
    expect(pictureContrast(picture)).toBeGreaterThan(5);
  const { width, height } = elements[0]!.attributes;
  expect([Number(width), Number(height)]).toEqual([figure.width, figure.height]);
  expect(figure.svg.replaceAll(/href="data:[^"]*"/g, "")).not.toMatch(
    /NaN|undefined|Infinity|https?:\/\/(?!www\.w3\.org)/,
  );
});

test.each(Object.entries(gallery))("%s: everything is drawn inside the picture", (_, { figure }) => {
  for (const { name, attributes } of svgElements(figure.svg)) {
    if (name === "svg") continue;
    if (attributes["transform"] === undefined)
      for (const [, px, py] of (attributes["d"] ?? "").matchAll(/[ML](\S+) (\S+?)(?=[MLh]|$)/g)) {
        expect(Number(px)).toBeGreaterThanOrEqual(0);
        expect(Number(px)).toBeLessThanOrEqual(figure.width);
        expect(Number(py)).toBeGreaterThanOrEqual(0);
        expect(Number(py)).toBeLessThanOrEqual(figure.height);
      }
    const [x, y] = [
      attributes["x"] ?? attributes["cx"] ?? attributes["x1"],
      attributes["y"] ?? attributes["cy"] ?? attributes["y1"],
    ];
    if (x === undefined || y === undefined) continue;
    expect(Number(x)).toBeGreaterThanOrEqual(0);
    expect(Number(x) + Number(attributes["width"] ?? 0)).toBeLessThanOrEqual(figure.width);
    expect(Number(y)).toBeGreaterThanOrEqual(0);
    expect(Number(y) + Number(attributes["height"] ?? 0)).toBeLessThanOrEqual(figure.height);
  }
});

test.each(Object.entries(gallery))("%s: the text says more than the title", (_, { figure, text }) => {
  for (const piece of text) expect(figure.text).toContain(piece);
  expect(figure.text).toMatch(/\d/);
  expect(figure.text.split("\n").length).toBeLessThanOrEqual(12);
});

test.each(Object.entries(gallery))("%s: the interactive form is plain JSON of modest size", (_, { figure }) => {
  const json = JSON.stringify(figure.plotly);
  expect(JSON.parse(json)).toEqual(figure.plotly);
  expect(figure.plotly.data.length).toBeGreaterThan(0);
  expect(json.length).toBeLessThan(3e6);
  expect(figure.svg.length).toBeLessThan(5e5);
});

test("every figure of src/plot/ hangs in the gallery", () => {
  const helpers = [
    "axes",
    "figure",
    "number-text",
    "palette",
    "picture-tiles",
    "plotly-layout",
    "raster",
    "shaded-surface",
    "surface-nets",
    "svg",
  ];
  const files = readdirSync(new URL("../../../src/plot/", import.meta.url)).map((file) => file.replace(".ts", ""));
  const figures = files.filter((file) => !helpers.includes(file));
  expect(figures.length).toBe(new Set(Object.keys(gallery).map((name) => name.replace(/ (by|as) .*/, ""))).size);
});

test("titles and labels cannot smuggle markup in", () => {
  const { figure } = gallery["particle montage"]!;
  expect(figure.svg).toContain("&lt;3&gt;");
  expect(figure.svg).not.toContain("<3>");
  expect(JSON.stringify(figure.plotly.layout)).toContain("Six &amp; a few");
});

test("the same data give the same figure", async () => {
  const { classOccupancy } = await import("../../../src/plot/class-occupancy.js");
  expect(classOccupancy([500, 300, 200])).toEqual(gallery["class occupancy"]!.figure);
});

test("a figure refuses what JSON would change silently", () => {
  const parts = { title: "t", svg: "<svg/>", text: "t", width: 1, height: 1 };
  expect(() => makeFigure({ ...parts, plotly: { data: [{ y: [1, Number.NaN] }], layout: {} } })).toThrow("finite");
  expect(() => makeFigure({ ...parts, plotly: { data: [{ y: new Float32Array(2) }], layout: {} } })).toThrow(
    "plain arrays",
  );
});
