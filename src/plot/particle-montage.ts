/** @file Particle images side by side, each with its own grey scale, first row of pixels at the top. */
import { check } from "../core/errors.js";
import { imageFromTransform, transformImage } from "../imaging/fourier.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText } from "./number-text.js";
import { MUTED } from "./palette.js";
import { scaleBar, tilesPlotly, tilesSvg } from "./picture-tiles.js";
import { blankRaster, displayRange, greyInto, pngDataUri } from "./raster.js";
import { svgDocument, svgText } from "./svg.js";

export interface ParticleMontageData {
  /** Float32[count box box]. */
  readonly images: Float32Array;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** One per image, for instance its key or class. @default the number of the image, from 0 */
  readonly labels?: readonly string[];
}

export interface ParticleMontageOptions {
  /** @default "Particles" */
  readonly title?: string;
  /** Images per row. @default 8, fewer when there are fewer images */
  readonly columns?: number;
  /** For display only: a Gaussian that falls to 1/e at this resolution; 0 for none. @default 0 */
  readonly lowPassAngstrom?: number;
}

const GAP = 8;
const CAPTION = 16;
const TOP = 44;

export function particleMontage(data: ParticleMontageData, options: ParticleMontageOptions = {}): Figure {
  const { box, pixelSizeAngstrom, images } = data;
  const { title = "Particles", lowPassAngstrom = 0 } = options;
  const count = images.length / (box * box);
  check(
    Number.isInteger(count) && count > 0,
    "images",
    `whole images of ${box}×${box} pixels`,
    `${images.length} values`,
  );
  const columns = Math.min(options.columns ?? 8, count);
  const rows = Math.ceil(count / columns);
  const tile = Math.max(56, Math.min(128, Math.floor(680 / columns) - GAP));
  const width = Math.max(360, 40 + columns * (tile + GAP) - GAP);
  const height = TOP + rows * (tile + CAPTION + GAP) + 34;
  const tiles = Array.from({ length: count }, (_, i) => {
    const raster = blankRaster(box, box);
    const image = filtered(images.subarray(i * box * box, (i + 1) * box * box), data, lowPassAngstrom);
    greyInto(raster, [0, 0], image, box, displayRange(image));
    return {
      uri: pngDataUri(raster),
      label: data.labels?.[i] ?? String(i),
      x: 20 + (i % columns) * (tile + GAP),
      y: TOP + Math.floor(i / columns) * (tile + CAPTION + GAP),
    };
  });
  const captions = tiles
    .map(({ label, x, y }) =>
      svgText(x + tile / 2, y + tile + 12, shortened(label, tile / 6), { size: 10, colour: MUTED, anchor: "middle" }),
    )
    .join("");
  const pictures = tilesSvg(tiles, tile, tile);
  const bar = scaleBar(20, height - 18, tile / (box * pixelSizeAngstrom), box * pixelSizeAngstrom);
  const filter = lowPassAngstrom > 0 ? `, low-pass ${numberText(lowPassAngstrom)} Å for display` : "";
  const subtitle = `${box}×${box} pixels of ${numberText(pixelSizeAngstrom)} Å${filter}`;
  return makeFigure({
    title,
    svg: svgDocument(width, height, title, pictures + captions + bar, subtitle),
    plotly: tilesPlotly(title, tiles, { width: tile, height: tile }, { width, height }),
    text: `${title}: ${count} images, ${subtitle}\nmean ${numberText(mean(images))}, standard deviation ${numberText(deviation(images))}`,
    width,
    height,
  });
}

function filtered(image: Float32Array, data: ParticleMontageData, lowPassAngstrom: number): Float32Array {
  if (lowPassAngstrom <= 0) return image;
  const { box, pixelSizeAngstrom } = data;
  const transform = transformImage(image, box);
  const cut = (box * pixelSizeAngstrom) / lowPassAngstrom;
  for (let y = 0, at = 0; y < box; y++)
    for (let x = 0; x < box; x++, at += 2) {
      const radius = Math.hypot(x < box / 2 ? x : x - box, y < box / 2 ? y : y - box);
      const factor = Math.exp(-((radius / cut) ** 2));
      transform.values[at]! *= factor;
      transform.values[at + 1]! *= factor;
    }
  return imageFromTransform(transform);
}

/** Keys begin with what tells them apart within a stack. */
function shortened(label: string, characters: number): string {
  const room = Math.max(4, Math.floor(characters));
  return label.length <= room ? label : `${label.slice(0, room - 1)}…`;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function deviation(values: Float32Array): number {
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - m) ** 2, 0) / values.length);
}
