/** @file Pictures laid out as tiles, in both forms of a figure, and the scale bar that goes with them. */
import type { Figure } from "./figure.js";
import { numberText } from "./number-text.js";
import { INK } from "./palette.js";
import { plotlyLayout, plotlyNoAxis } from "./plotly-layout.js";
import { svgImage, svgLine, svgText } from "./svg.js";

export interface Tile {
  /** Data URI of the picture. */
  readonly uri: string;
  /** Shown when the pointer is over it. */
  readonly label: string;
  /** Top left corner, pixels of the figure. */
  readonly x: number;
  readonly y: number;
}

export function tilesSvg(tiles: readonly Tile[], width: number, height: number): string {
  return tiles.map(({ uri, x, y }) => svgImage(x, y, width, height, uri)).join("");
}

/** The same tiles at the same places, with words to hover over. */
export function tilesPlotly(
  title: string,
  tiles: readonly Tile[],
  tile: { readonly width: number; readonly height: number },
  size: { readonly width: number; readonly height: number },
): Figure["plotly"] {
  return {
    data: [
      {
        type: "scatter",
        mode: "markers",
        x: tiles.map(({ x }) => x + tile.width / 2),
        y: tiles.map(({ y }) => y + tile.height / 2),
        text: tiles.map(({ label }) => label),
        hoverinfo: "text",
        marker: { size: Math.min(tile.width, tile.height) / 2, opacity: 0 },
      },
    ],
    layout: plotlyLayout(title, size, {
      margin: { l: 0, r: 0, t: 40, b: 0 },
      xaxis: plotlyNoAxis([0, size.width]),
      yaxis: plotlyNoAxis([size.height, 40]),
      images: tiles.map(({ uri, x, y }) => ({
        source: uri,
        xref: "x",
        yref: "y",
        x,
        y,
        sizex: tile.width,
        sizey: tile.height,
        sizing: "stretch",
        layer: "below",
      })),
    }),
  };
}

/** A bar of a round length, at most a third of `extentAngstrom`, with its caption. `scale` is pixels per Å. */
export function scaleBar(x: number, y: number, scale: number, extentAngstrom: number): string {
  const target = extentAngstrom / 3;
  const power = 10 ** Math.floor(Math.log10(target));
  const length = [5, 2, 1].map((m) => m * power).find((l) => l <= target) ?? power;
  return (
    svgLine(x, y, x + length * scale, y, INK, 3) +
    svgText(x + length * scale + 8, y + 4, `${numberText(length)} Å`, { size: 11 })
  );
}
