/**
 * @file Maps one after another as a moving picture: an animated GIF, which plays where scripts are stripped.
 *
 * All frames are drawn with one contour level or one range of grey, at one scale, from the same three sides, so that what
 * moves in the picture moves in the maps. The bar below says how far along the path a frame is.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { cropToBox } from "../metrics/volume-spectrum.js";
import { animatedGif } from "./animated-gif.js";
import { type Figure, makeFigure } from "./figure.js";
import { farthest, surfaceLevel, VIEWS } from "./isosurface.js";
import { numberText } from "./number-text.js";
import { centralSlice, PLANES } from "./orthogonal-slices.js";
import { AXIS, categoryColour, GRID, MUTED, PAPER, rgb } from "./palette.js";
import { scaleBar, type Tile, tilesPlotly, tilesSvg } from "./picture-tiles.js";
import { blankRaster, displayRange, greyInto, pngDataUri, type Raster } from "./raster.js";
import { shadedSurface } from "./shaded-surface.js";
import { surfaceMesh } from "./surface-nets.js";
import { svgDocument, svgText } from "./svg.js";

export interface MovieOptions {
  /** @default "Motion" */
  readonly title?: string;
  /** Shaded surfaces, or central slices in grey. @default "surface" */
  readonly kind?: "surface" | "slices";
  /** Density of the surface, one for all frames. @default the mean of the frames' `surfaceLevel` */
  readonly level?: number;
  /** What each map is, for the captions. @default "frame 1" … */
  readonly labels?: readonly string[];
  /** 1 to 50. @default 10 */
  readonly framesPerSecond?: number;
  /** "forth": jumps from the last map to the first. @default "forth-and-back" */
  readonly loop?: "forth" | "forth-and-back";
}

export interface Movie extends Figure {
  /** An animated GIF, to be written to a file. */
  readonly bytes: Uint8Array;
}

/** The maps as three pictures each, how many pixels an Å takes, and what all frames share, in words. */
interface Drawing {
  readonly pictures: readonly (readonly Raster[])[];
  readonly names: readonly string[];
  readonly scale: number;
  readonly shared: string;
}

const [SIDE, GAP, LEFT, TOP, CAPTION, BAR] = [200, 10, 20, 62, 20, 4];
/** Surfaces are drawn on a grid of at most this side. */
const FINEST = 64;

/** At least two maps of one box and pixel size, in the order of travel. */
export function movie(volumes: readonly Volume[], options: MovieOptions = {}): Movie {
  const { title = "Motion", kind = "surface", framesPerSecond = 10, loop = "forth-and-back" } = options;
  const { labels = volumes.map((_, i) => `frame ${i + 1}`) } = options;
  check(volumes.length >= 2, "volumes", "at least two maps", volumes.length);
  check(kind === "surface" || kind === "slices", "kind", '"surface" or "slices"', kind);
  check(loop === "forth" || loop === "forth-and-back", "loop", '"forth" or "forth-and-back"', loop);
  check(labels.length === volumes.length, "labels", `one for each of ${volumes.length} maps`, labels.length);
  const { box, pixelSizeAngstrom } = volumes[0]!;
  for (const v of volumes)
    check(
      v.box === box && Math.abs(v.pixelSizeAngstrom / pixelSizeAngstrom - 1) < 1e-3,
      "volumes",
      `maps of box ${box} and voxel ${pixelSizeAngstrom} Å`,
      `one of box ${v.box} and voxel ${v.pixelSizeAngstrom} Å`,
    );
  const drawing = kind === "surface" ? surfaces(volumes, options.level) : slices(volumes);
  const frames = drawing.pictures.map((pictures, i) => sideBySide(pictures, i / (volumes.length - 1)));
  const back = loop === "forth" ? [] : frames.slice(1, -1).reverse();
  const shown = [...frames, ...back];
  const bytes = animatedGif(shown, framesPerSecond);
  return {
    ...makeFigure({ ...filmstrip(title, frames, labels, drawing), title }),
    text: [
      `${title}: ${volumes.length} maps, ${loop.replaceAll("-", " ")}, ${framesPerSecond} a second`,
      `from ${labels[0]} to ${labels.at(-1)}`,
      `box ${box}, voxel ${numberText(pixelSizeAngstrom)} Å, ${drawing.shared}`,
    ].join("\n"),
    bytes,
  };
}

function surfaces(volumes: readonly Volume[], given: number | undefined): Drawing {
  const coarse = volumes.map((volume) => cropToBox(volume, FINEST));
  const level = given ?? coarse.reduce((sum, volume) => sum + surfaceLevel(volume), 0) / coarse.length;
  const meshes = coarse.map((volume) => surfaceMesh(volume, level));
  const reach = Math.max(...meshes.map(farthest)) * 1.04 || 1;
  const colour = rgb(categoryColour(0));
  return {
    pictures: meshes.map((mesh) => VIEWS.map(({ view }) => shadedSurface(mesh, view, SIDE, reach, colour))),
    names: VIEWS.map(({ name }) => name),
    scale: SIDE / (2 * reach),
    shared: `level ${numberText(level)}`,
  };
}

function slices(volumes: readonly Volume[]): Drawing {
  const ranges = volumes.map(({ values }) => displayRange(values, 0.01, 0.9995));
  const range = [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))] as const;
  const { box, pixelSizeAngstrom } = volumes[0]!;
  const draw = (volume: Volume, plane: (typeof PLANES)[number]): Raster => {
    const raster = blankRaster(box, box);
    greyInto(raster, [0, 0], centralSlice(volume, plane), box, range);
    return raster;
  };
  return {
    pictures: volumes.map((volume) => PLANES.map((plane) => draw(volume, plane))),
    names: PLANES,
    scale: SIDE / (box * pixelSizeAngstrom),
    shared: `grey from ${numberText(range[0])} to ${numberText(range[1])}`,
  };
}

/** One frame: the pictures in a row on paper, each brought to `SIDE` pixels, and the bar filled up to `done`. */
function sideBySide(pictures: readonly Raster[], done: number): Raster {
  const width = pictures.length * (SIDE + GAP) - GAP;
  const frame = blankRaster(width, SIDE + 2 * BAR, rgb(PAPER));
  const paint = (x: number, y: number, colours: ArrayLike<number>, from: number, opacity: number): void => {
    const at = 4 * (y * width + x);
    for (let c = 0; c < 3; c++) frame.pixels[at + c]! += opacity * (colours[from + c]! - frame.pixels[at + c]!);
  };
  pictures.forEach(({ width: side, pixels }, n) => {
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const from = 4 * (Math.floor((y * side) / SIDE) * side + Math.floor((x * side) / SIDE));
        paint(n * (SIDE + GAP) + x, y, pixels, from, pixels[from + 3]! / 255);
      }
  });
  const [full, empty] = [rgb(AXIS), rgb(GRID)];
  for (let y = SIDE + BAR; y < SIDE + 2 * BAR; y++)
    for (let x = 0; x < width; x++) paint(x, y, x < done * width ? full : empty, 0, 1);
  return frame;
}

/** The first, the middle and the last frame one below the other: what a page shows that nothing moves in. */
function filmstrip(
  title: string,
  frames: readonly Raster[],
  labels: readonly string[],
  { names, scale }: Drawing,
): Pick<Figure, "svg" | "plotly" | "text" | "width" | "height"> {
  const chosen = [...new Set([0, Math.floor((frames.length - 1) / 2), frames.length - 1])];
  const tile = { width: frames[0]!.width, height: frames[0]!.height };
  const width = LEFT + tile.width + 20;
  const height = TOP + chosen.length * (tile.height + CAPTION) + 34;
  const rowAt = (row: number): number => TOP + row * (tile.height + CAPTION);
  const tiles: Tile[] = chosen.map((frame, row) => ({
    uri: pngDataUri(frames[frame]!),
    label: labels[frame]!,
    x: LEFT,
    y: rowAt(row) + CAPTION,
  }));
  const heads = names.map((name, i) =>
    svgText(LEFT + i * (SIDE + GAP) + SIDE / 2, TOP - 8, name, { size: 12, colour: MUTED, anchor: "middle" }),
  );
  const captions = chosen.map((frame, row) => svgText(LEFT, rowAt(row) + 14, labels[frame]!, { weight: 600 }));
  const bar = scaleBar(LEFT, height - 16, scale, SIDE / scale);
  const body = [...heads, ...captions, tilesSvg(tiles, tile.width, tile.height), bar].join("");
  return {
    svg: svgDocument(width, height, title, body, `${chosen.length} of ${frames.length} frames`),
    plotly: tilesPlotly(title, tiles, tile, { width, height }),
    text: title,
    width,
    height,
  };
}
