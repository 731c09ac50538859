/**
 * @file Many points in a panel of a static picture: as discs while they can be told apart, as a density beyond.
 *
 * A density keeps the colours: a bin shows the mean colour of its points, the more opaque the more there are (log scale).
 */
import type { Axes, Panel } from "./axes.js";
import type { Rgb } from "./palette.js";
import { blankRaster, pngDataUri } from "./raster.js";
import { svgDots, svgImage } from "./svg.js";

export interface Cloud {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

const DRAWN_POINTS = 20_000;
/** As discs in the SVG; between this and DRAWN_POINTS they are drawn into a raster, to keep the file small. */
const VECTOR_POINTS = 1500;

/** SVG of points given in the units of `axes`, each in its colour, within `panel`. */
export function drawCloud({ x, y }: Cloud, axes: Pick<Axes, "x" | "y">, panel: Panel, colours: readonly Rgb[]): string {
  const count = x.length;
  if (count <= VECTOR_POINTS) {
    const dots = new Map<string, [number, number][]>();
    colours.forEach((colour, i) => {
      const key = `rgb(${colour.join(",")})`;
      if (!dots.has(key)) dots.set(key, []);
      dots.get(key)!.push([axes.x(x[i]!), axes.y(y[i]!)]);
    });
    return [...dots].map(([colour, points]) => svgDots(points, count < 300 ? 3.2 : 2.3, colour)).join("");
  }
  return svgImage(panel.left, panel.top, panel.width, panel.height, cloudPicture({ x, y }, axes, panel, colours));
}

/** The same as a picture of the panel alone, for any number of points: a data URI. */
export function cloudPicture(
  { x, y }: Cloud,
  axes: Pick<Axes, "x" | "y">,
  panel: Panel,
  colours: readonly Rgb[],
): string {
  const count = x.length;
  const dense = count > DRAWN_POINTS;
  // One raster pixel per two thirds of a screen pixel for discs; coarser bins where the density is what can be seen.
  const perPixel = dense ? 0.5 : 1.5;
  const [width, height] = [Math.round(panel.width * perPixel), Math.round(panel.height * perPixel)];
  const sums = new Float32Array(4 * width * height);
  const reach = dense ? 0 : 2;
  for (let i = 0; i < count; i++) {
    const column = Math.floor((axes.x(x[i]!) - panel.left) * perPixel);
    const row = Math.floor((axes.y(y[i]!) - panel.top) * perPixel);
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        if (dx * dx + dy * dy > reach * reach || row + dy < 0 || row + dy >= height) continue;
        if (column + dx < 0 || column + dx >= width) continue;
        const at = 4 * ((row + dy) * width + column + dx);
        for (let c = 0; c < 3; c++) sums[at + c]! += colours[i]![c]!;
        sums[at + 3]! += 1;
      }
  }
  const raster = blankRaster(width, height);
  let most = 1;
  for (let at = 3; at < sums.length; at += 4) most = Math.max(most, sums[at]!);
  for (let at = 0; at < sums.length; at += 4) {
    const n = sums[at + 3]!;
    if (n === 0) continue;
    const opacity = dense ? 0.18 + 0.82 * (Math.log1p(n) / Math.log1p(most)) : 1 - 0.4 ** n;
    raster.pixels.set([sums[at]! / n, sums[at + 1]! / n, sums[at + 2]! / n, 255 * opacity], at);
  }
  return pngDataUri(raster);
}
