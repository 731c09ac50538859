import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { makeFigure } from "../../../src/plot/figure.js";
import { CATEGORIES, GRID, INK, MUTED, PAPER, rgb } from "../../../src/plot/palette.js";
import { escaped } from "../../../src/plot/svg.js";
import { DARK, inTheme } from "../../../src/plot/theme.js";
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
    "animated-gif",
    "axes",
    "figure",
    "gifenc.d",
    "number-text",
    "palette",
    "picture-tiles",
    "plotly-layout",
    "point-cloud",
    "raster",
    "shaded-surface",
    "smoothed-counts",
    "surface-nets",
    "svg",
    "theme",
  ];
  const files = readdirSync(new URL("../../../src/plot/", import.meta.url)).map((file) => file.replace(".ts", ""));
  const figures = files.filter((file) => !helpers.includes(file));
  expect(figures.length).toBe(new Set(Object.keys(gallery).map((name) => name.replace(/ (by|as|in) .*/, ""))).size);
});

/** Colours as a reader sees them: none, or the confusions of Machado, Oliveira & Fernandes 2009 at full severity. */
const SIGHT = {
  "full colour": [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
};
const D65 = [0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.072175, 0.0193339, 0.119192, 0.9503041];

function linear(colour: string): number[] {
  return rgb(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
}

function times(matrix: readonly number[], v: readonly number[]): number[] {
  return [0, 1, 2].map((i) => [0, 1, 2].reduce((sum, j) => sum + matrix[3 * i + j]! * v[j]!, 0));
}

/** CIELAB 1976. */
function lab(light: readonly number[]): number[] {
  const clipped = light.map((c) => Math.max(0, Math.min(1, c)));
  const [x = 0, y = 0, z = 0] = times(D65, clipped).map((v, i) => {
    const t = v / [0.95047, 1, 1.08883][i]!;
    return t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test.each(Object.entries(SIGHT))("ten categories can be told apart by readers with %s", (_, sight) => {
  const seen = CATEGORIES.map((colour) => lab(times(sight, linear(colour))));
  const distances = seen.flatMap((a, i) => seen.slice(0, i).map((b) => Math.hypot(...a.map((v, c) => v - b[c]!))));
  expect(distances).toHaveLength(45);
  expect(Math.min(...distances)).toBeGreaterThan(17);
});

test("categories, text and axes stand out on a light and on a dark page", () => {
  const luminance = (colour: string): number => times(D65, linear(colour))[1]!;
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((p, q) => p - q);
    return (high + 0.05) / (low + 0.05);
  };
  const dark = (colour: string): string => DARK.get(colour)!;
  for (const paper of [PAPER, dark(PAPER)])
    for (const colour of CATEGORIES) expect(contrast(colour, paper), `${colour} on ${paper}`).toBeGreaterThan(2.2);
  for (const colour of [INK, MUTED]) {
    expect(contrast(colour, PAPER)).toBeGreaterThan(4.5);
    expect(contrast(dark(colour), dark(PAPER))).toBeGreaterThan(4.5);
  }
});

test.each(Object.entries(gallery))("%s: its dark form says the same on a dark page", (_, { figure, labels }) => {
  const dark = inTheme(figure, "dark");
  expect(dark.svg).toContain(`fill="${DARK.get(PAPER)}"`);
  expect(JSON.stringify(dark.plotly.layout)).toContain(`"paper_bgcolor":"${DARK.get(PAPER)}"`);
  for (const neutral of [PAPER, INK, GRID]) {
    expect(dark.svg).not.toContain(neutral);
    expect(JSON.stringify(dark.plotly)).not.toContain(neutral);
  }
  const texts = svgElements(dark.svg).map(({ text }) => text);
  for (const label of labels) expect(texts).toContain(escaped(label));
  expect(inTheme(figure, "light")).toBe(figure);
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
