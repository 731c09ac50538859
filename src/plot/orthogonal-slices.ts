/** @file Central slices of maps along the three axes: one row per map, first row of pixels at the top. */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText } from "./number-text.js";
import { MUTED } from "./palette.js";
import { scaleBar, tilesPlotly, tilesSvg } from "./picture-tiles.js";
import { blankRaster, displayRange, greyInto, pngDataUri } from "./raster.js";
import { svgDocument, svgText } from "./svg.js";

export interface LabelledVolume {
  readonly label: string;
  readonly volume: Volume;
}

export interface OrthogonalSlicesOptions {
  /** @default "Central slices" */
  readonly title?: string;
  /** Side of a slice in the figure, pixels. @default 190 */
  readonly tile?: number;
}

export const PLANES = ["xy", "xz", "yz"] as const;
const [LEFT, TOP, GAP, ROW_CAPTION] = [20, 66, 12, 20];

export function orthogonalSlices(
  volumes: Volume | readonly LabelledVolume[],
  options: OrthogonalSlicesOptions = {},
): Figure {
  const { title = "Central slices", tile = 190 } = options;
  const rows: readonly LabelledVolume[] = "kind" in volumes ? [{ label: "", volume: volumes }] : volumes;
  check(rows.length > 0, "volumes", "at least one map", rows.length);
  const width = LEFT + 3 * (tile + GAP) - GAP + 20;
  const caption = rows.some(({ label }) => label !== "") ? ROW_CAPTION : 0;
  const height = TOP + rows.length * (tile + caption + GAP) + 28;
  const tiles = rows.flatMap(({ label, volume }, row) => {
    const range = displayRange(volume.values, 0.01, 0.9995);
    return PLANES.map((plane, column) => {
      const raster = blankRaster(volume.box, volume.box);
      greyInto(raster, [0, 0], centralSlice(volume, plane), volume.box, range);
      const [x, y] = [LEFT + column * (tile + GAP), TOP + row * (tile + caption + GAP) + caption];
      return { uri: pngDataUri(raster), label: `${label} ${plane}`.trim(), x, y };
    });
  });
  const heads = PLANES.map((plane, i) =>
    svgText(LEFT + i * (tile + GAP) + tile / 2, TOP - 10, plane, { size: 12, colour: MUTED, anchor: "middle" }),
  );
  const names = rows.map(({ label }, row) =>
    svgText(LEFT, TOP + row * (tile + caption + GAP) + 14, label, { size: 12, weight: 600 }),
  );
  const { box, pixelSizeAngstrom } = rows[0]!.volume;
  const bar = scaleBar(LEFT, height - 14, tile / (box * pixelSizeAngstrom), box * pixelSizeAngstrom);
  const body = heads.join("") + names.join("") + tilesSvg(tiles, tile, tile) + bar;
  return makeFigure({
    title,
    svg: svgDocument(width, height, title, body, `box ${box}, voxel ${numberText(pixelSizeAngstrom)} Å`),
    plotly: tilesPlotly(title, tiles, { width: tile, height: tile }, { width, height }),
    text: [`${title}: ${rows.length} map${rows.length === 1 ? "" : "s"}`, ...rows.map(describe)].join("\n"),
    width,
    height,
  });
}

/** The slice through the origin: Float32[box box], the plane's first axis along a row. */
export function centralSlice({ values, box }: Volume, plane: (typeof PLANES)[number]): Float32Array {
  const half = box / 2;
  const slice = new Float32Array(box * box);
  for (let row = 0; row < box; row++)
    for (let column = 0; column < box; column++) {
      const [x, y, z] =
        plane === "xy" ? [column, row, half] : plane === "xz" ? [column, half, row] : [half, column, row];
      slice[row * box + column] = values[(z! * box + y!) * box + x!]!;
    }
  return slice;
}

function describe({ label, volume }: LabelledVolume): string {
  const { values, box, pixelSizeAngstrom } = volume;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const name = label === "" ? "map" : label;
  return `${name}: box ${box}, voxel ${numberText(pixelSizeAngstrom)} Å, mean ${numberText(mean)}, standard deviation ${numberText(deviation)}, maximum ${numberText(largest)}`;
}
