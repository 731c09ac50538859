/**
 * @file A scatter in which the reader draws an outline; what lies inside it comes back as a selection.
 *
 * The outline, not the list of particles, is what the notebook keeps: Jupyter is asked to write it into the cell, as
 * `plot.selection("…")`, so that the notebook runs again where nobody draws.
 */
import { IolausError } from "#iolaus/core/errors.js";
import { type LatentView, selectPolygon } from "#iolaus/latent/select-by.js";
import type { Selection } from "#iolaus/latent/selection.js";
import type { Figure } from "#iolaus/plot/figure.js";
import { figureBundle, figureId } from "./figure-bundle.js";
import { displaySymbol, type MimeBundle } from "./mime-bundle.js";
import { pointsMark, readToken, tokenDigits } from "./outline-token.js";
import { openDoor } from "./selection-port.js";
import { selectionScript } from "./selection-script.js";

export interface SelectableFigure {
  /**
   * The particles inside the outline. Without one it takes what the reader has drawn, or waits for it; with one, as the
   * figure gave it, nobody needs to draw.
   */
  selection(outline?: string): Promise<Selection>;
}

/** Outlines that cells have taken from the browser, until the cell ends: what to write into it. */
const drawn: string[] = [];
let isReaderHere = true;

/** Nobody can draw where a notebook runs without a browser. */
export function expectNoReader(): void {
  isReaderHere = false;
}

/** `code` with the outlines that its calls of `selection()` have waited for; undefined if it has waited for none. */
export function withOutlines(code: string): string | undefined {
  if (drawn.length === 0) return undefined;
  const outlines = drawn.splice(0);
  return code.replace(/\.selection\(\s*\)/g, (call) => {
    const outline = outlines.shift();
    return outline === undefined ? call : `.selection(${JSON.stringify(outline)})`;
  });
}

/** `figure`, whose points are those of `view`, with tools to draw in it. Show it, then `await plot.selection()`. */
export async function selectable(figure: Figure, view: LatentView): Promise<SelectableFigure> {
  let latest: string | undefined;
  let tell: (token: string) => void = () => {};
  const door = await openDoor((token) => {
    readToken(token, view);
    latest = token;
    tell(token);
  });
  const next = (): Promise<string> =>
    latest !== undefined ? Promise.resolve(latest) : new Promise((resolve) => (tell = resolve));
  const bundle = (): MimeBundle => {
    const { data, layout } = figure.plotly;
    const drawable = { ...figure, plotly: { data, layout: { ...layout, dragmode: "lasso" } } };
    const forms = figureBundle(drawable);
    const script = selectionScript(figureId(drawable), door, pointsMark(view), tokenDigits(view));
    return { ...forms, "text/html": `${forms["text/html"]}\n${script}` };
  };
  const plot = {
    async selection(outline?: string) {
      if (outline !== undefined) return selectPolygon(view, readToken(outline, view));
      if (latest === undefined && !isReaderHere) throw nobodyHere();
      const token = await next();
      drawn.push(token);
      return selectPolygon(view, readToken(token, view));
    },
    [displaySymbol]: bundle,
  };
  return plot;
}

function nobodyHere(): IolausError {
  const advice = 'draw one in Jupyter, which writes it into the cell as selection("…")';
  return new IolausError(
    "bad-argument",
    `selection: expected an outline, as nobody can draw here, got none; ${advice}`,
  );
}
