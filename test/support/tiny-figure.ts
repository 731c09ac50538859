/** @file A figure with a red picture, for tests of everything that shows figures. */
import { type Figure, makeFigure } from "../../src/plot/figure.js";

export function tinyFigure(parts: Partial<Figure> = {}): Figure {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="red"/></svg>`;
  const plotly = { data: [{ type: "scatter", x: [1, 2, 3], y: [2, 1, 3] }], layout: { title: { text: "three" } } };
  return makeFigure({ title: "Three points", svg, plotly, text: "mean 2", width: 320, height: 200, ...parts });
}
