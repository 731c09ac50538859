/** @file What the interactive forms have in common: fonts, margins, grid. */
import { AXIS, GRID, INK, PAPER } from "./palette.js";

/** A Plotly layout with our looks; `more` is merged over it. */
export function plotlyLayout(title: string, size: { width: number; height: number }, more: object = {}): object {
  return {
    title: { text: plotlyText(title), font: { size: 15 }, x: 0.02, xanchor: "left" },
    width: size.width,
    height: size.height,
    margin: { l: 64, r: 24, t: 48, b: 52 },
    font: { family: "Inter, Helvetica Neue, Arial, sans-serif", size: 12, color: INK },
    paper_bgcolor: PAPER,
    plot_bgcolor: PAPER,
    hovermode: "closest",
    ...more,
  };
}

/** An axis with a label that carries its unit. */
export function plotlyAxis(label: string, more: object = {}): object {
  return {
    title: { text: plotlyText(label) },
    gridcolor: GRID,
    linecolor: AXIS,
    zeroline: false,
    showline: true,
    ...more,
  };
}

/** No axis at all, for pictures. */
export function plotlyNoAxis(range: readonly [number, number], more: object = {}): object {
  return { visible: false, range, fixedrange: false, ...more };
}

/** Plotly reads a little HTML in its texts; ours is plain. */
export function plotlyText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
