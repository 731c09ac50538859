/** @file 2-D averages, one row per class, with the number of images of each; first row of pixels at the top. */
import { check } from "../core/errors.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText } from "./number-text.js";
import { categoryColour, MUTED } from "./palette.js";
import { scaleBar, tilesPlotly, tilesSvg } from "./picture-tiles.js";
import { blankRaster, displayRange, greyInto, pngDataUri } from "./raster.js";
import { svgDocument, svgText } from "./svg.js";

export interface ClassAveragesRow {
  readonly label: string;
  /** Float32[box box] each, and how many images it is the mean of. */
  readonly averages: readonly { readonly image: Float32Array; readonly count: number }[];
}

export interface ClassAveragesOptions {
  /** @default "2-D class averages" */
  readonly title?: string;
  readonly pixelSizeAngstrom: number;
  /** Averages shown of each class. @default 8 */
  readonly columns?: number;
}

const [LEFT, TOP, TILE, GAP, CAPTION] = [100, 52, 76, 8, 18];

export function classAverages(rows: readonly ClassAveragesRow[], options: ClassAveragesOptions): Figure {
  const { title = "2-D class averages", pixelSizeAngstrom, columns = 8 } = options;
  check(
    rows.some(({ averages }) => averages.length > 0),
    "rows",
    "at least one average",
    0,
  );
  const box = Math.sqrt(rows.find(({ averages }) => averages.length > 0)!.averages[0]!.image.length);
  check(Number.isInteger(box), "image", "a square image", `${box * box} pixels`);
  const most = Math.min(columns, Math.max(...rows.map(({ averages }) => averages.length)));
  const width = Math.max(420, LEFT + most * (TILE + GAP) + 20);
  const height = TOP + rows.length * (TILE + CAPTION + GAP) + 30;
  const tiles = rows.flatMap(({ label, averages }, row) =>
    averages.slice(0, columns).map(({ image, count }, column) => {
      check(image.length === box * box, `image of ${label}`, `${box}×${box} pixels`, image.length);
      const small = blockMeans(image, box, Math.ceil(box / TILE));
      const side = Math.sqrt(small.length);
      const raster = blankRaster(side, side);
      greyInto(raster, [0, 0], small, side, displayRange(small));
      return {
        uri: pngDataUri(raster),
        label: `${label}: ${numberText(count)} images`,
        caption: numberText(count),
        x: LEFT + column * (TILE + GAP),
        y: TOP + row * (TILE + CAPTION + GAP),
      };
    }),
  );
  const names = rows.map(({ label }, row) =>
    svgText(20, TOP + row * (TILE + CAPTION + GAP) + TILE / 2 + 4, label, { weight: 600, colour: categoryColour(row) }),
  );
  const captions = tiles.map(({ caption, x, y }) =>
    svgText(x + TILE / 2, y + TILE + 13, caption, { size: 10.5, colour: MUTED, anchor: "middle" }),
  );
  const bar = scaleBar(LEFT, height - 14, TILE / (box * pixelSizeAngstrom), box * pixelSizeAngstrom);
  return makeFigure({
    title,
    svg: svgDocument(
      width,
      height,
      title,
      tilesSvg(tiles, TILE, TILE) + names.join("") + captions.join("") + bar,
      "images in each average",
    ),
    plotly: tilesPlotly(title, tiles, { width: TILE, height: TILE }, { width, height }),
    text: [
      `${title}: ${rows.length} classes, ${box}×${box} pixels of ${numberText(pixelSizeAngstrom)} Å`,
      ...rows.map(({ label, averages }) => {
        const counts = averages.map(({ count }) => count);
        return `${label}: ${averages.length} views, ${numberText(counts.reduce((a, b) => a + b, 0))} images`;
      }),
    ].join("\n"),
    width,
    height,
  });
}

/** Means of blocks of pixels: no tile shows more pixels than it has. */
function blockMeans(image: Float32Array, box: number, block: number): Float32Array {
  const side = Math.floor(box / block);
  const out = new Float32Array(side * side);
  for (let y = 0; y < side * block; y++)
    for (let x = 0; x < side * block; x++)
      out[Math.floor(y / block) * side + Math.floor(x / block)]! += image[y * box + x]! / block ** 2;
  return out;
}
