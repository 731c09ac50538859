/**
 * @file What every figure is: an interactive form, a static picture and a few lines of text, made from the same data.
 *
 * A notebook puts all three into one output, so that it is readable where scripts are stripped and where pictures are.
 */
import { IolausError } from "../core/errors.js";

export interface Figure {
  readonly kind: "figure";
  readonly title: string;
  /** Plain JSON for `Plotly.newPlot(element, data, layout)`. */
  readonly plotly: { readonly data: readonly object[]; readonly layout: object };
  /** A whole SVG document; needs nothing from outside. */
  readonly svg: string;
  /** Of a picture that moves: an animated GIF, which a notebook shows in place of both. */
  readonly bytes?: Uint8Array;
  /** A few lines with the numbers that matter. */
  readonly text: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** The same figure with its `kind`, refused where it could not be written as JSON without loss. */
export function makeFigure(parts: Omit<Figure, "kind">): Figure {
  for (const trace of parts.plotly.data) checkPlainJson(trace, `plotly data of "${parts.title}"`);
  checkPlainJson(parts.plotly.layout, `plotly layout of "${parts.title}"`);
  return { kind: "figure", ...parts };
}

/** Typed arrays become objects and NaN becomes null in JSON: neither may reach a notebook. */
function checkPlainJson(value: unknown, where: string): void {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new IolausError("internal", `${where}: expected finite numbers, got ${value}`);
  if (ArrayBuffer.isView(value))
    throw new IolausError("internal", `${where}: expected plain arrays, got a typed array`);
  if (Array.isArray(value)) for (const item of value) checkPlainJson(item, where);
  else if (value !== null && typeof value === "object")
    for (const [key, item] of Object.entries(value)) checkPlainJson(item, `${where}.${key}`);
}
