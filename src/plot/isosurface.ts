/**
 * @file Maps as surfaces: three shaded views each, and a mesh to turn by hand, with a slider over levels.
 *
 * The slider's levels lie at fractions of the way from the mean density around the particle to the level of the picture.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { cropToBox } from "../metrics/volume-spectrum.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, roundedTo } from "./number-text.js";
import type { LabelledVolume } from "./orthogonal-slices.js";
import { categoryColour, MUTED, rgb } from "./palette.js";
import { scaleBar, tilesSvg } from "./picture-tiles.js";
import { plotlyLayout, plotlyText } from "./plotly-layout.js";
import { pngDataUri } from "./raster.js";
import { shadedSurface, type View } from "./shaded-surface.js";
import { type SurfaceMesh, surfaceMesh } from "./surface-nets.js";
import { svgDocument, svgText } from "./svg.js";

export interface IsosurfaceOptions {
  /** @default "Maps" */
  readonly title?: string;
  /** Density of the surface: one for all maps or one each. @default `surfaceLevel` of each map */
  readonly level?: number | readonly number[];
  /** The mesh is made on a coarser grid until it has no more triangles than this. @default 20,000 */
  readonly maxTriangles?: number;
  /** Whether the interactive form has other levels to choose from, as coarser meshes. @default true */
  readonly slider?: boolean;
}

const FACTORS = [0.5, 0.75, 1, 1.25, 1.5];
/** A mesh at another level has so many times fewer triangles, to keep notebooks small. */
const COARSER = 8;

/** The picture's right, down and towards the viewer. */
export const VIEWS: readonly { readonly name: string; readonly view: View }[] = [
  {
    name: "along z",
    view: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, -1],
    ],
  },
  {
    name: "along y",
    view: [
      [1, 0, 0],
      [0, 0, -1],
      [0, -1, 0],
    ],
  },
  {
    name: "along x",
    view: [
      [0, 1, 0],
      [0, 0, -1],
      [1, 0, 0],
    ],
  },
];
const [LEFT, TOP, TILE, GAP, CAPTION] = [20, 62, 200, 10, 20];

export function isosurface(volumes: Volume | readonly LabelledVolume[], options: IsosurfaceOptions = {}): Figure {
  const { title = "Maps", maxTriangles = 20_000, slider = true } = options;
  const rows: readonly LabelledVolume[] = "kind" in volumes ? [{ label: "map", volume: volumes }] : volumes;
  check(rows.length > 0, "volumes", "at least one map", rows.length);
  const levels = rows.map(({ volume }, i) => {
    const given = typeof options.level === "object" ? options.level[i] : options.level;
    return given ?? surfaceLevel(volume);
  });
  const meshes = rows.map(({ volume }, i) => meshWithin(volume, levels[i]!, maxTriangles));
  const factors = slider ? FACTORS : [1];
  const reach = Math.max(...meshes.map(farthest)) * 1.04 || 1;
  const width = LEFT + 3 * (TILE + GAP) - GAP + 20;
  const height = TOP + rows.length * (TILE + CAPTION) + 34;
  const tiles = meshes.flatMap((mesh, row) =>
    VIEWS.map(({ name, view }, column) => ({
      uri: pngDataUri(shadedSurface(mesh, view, TILE, reach, rgb(categoryColour(row)))),
      label: `${rows[row]!.label} ${name}`,
      x: LEFT + column * (TILE + GAP),
      y: TOP + row * (TILE + CAPTION) + CAPTION,
    })),
  );
  const heads = VIEWS.map(({ name }, i) =>
    svgText(LEFT + i * (TILE + GAP) + TILE / 2, TOP - 8, name, { size: 12, colour: MUTED, anchor: "middle" }),
  );
  const names = rows.map(({ label }, row) =>
    svgText(LEFT, TOP + row * (TILE + CAPTION) + 14, `${label}  (level ${numberText(levels[row]!)})`, { weight: 600 }),
  );
  const bar = scaleBar(LEFT, height - 16, TILE / (2 * reach), 2 * reach);
  return makeFigure({
    title,
    svg: svgDocument(width, height, title, heads.join("") + tilesSvg(tiles, TILE, TILE) + names.join("") + bar),
    plotly: {
      data: rows.flatMap(({ label, volume }, row) =>
        factors.map((factor) => {
          const level = leveled(volume, levels[row]!, factor);
          const mesh = factor === 1 ? meshes[row]! : meshWithin(volume, level, maxTriangles / COARSER);
          return { ...meshTrace(mesh, label, row, 2.1 * reach), visible: factor === 1 };
        }),
      ),
      layout: plotlyLayout(
        title,
        { width: 720, height: 520 },
        {
          margin: { l: 0, r: 0, t: 40, b: 0 },
          scene: {
            aspectmode: "data",
            xaxis: { title: { text: "x (Å)" }, showbackground: false },
            yaxis: { title: { text: "y (Å)" }, showbackground: false },
            zaxis: { title: { text: "z (Å)" }, showbackground: false },
            camera: { projection: { type: "orthographic" } },
          },
          ...(slider && { sliders: [levelSlider(rows, levels)] }),
        },
      ),
    },
    text: [
      `${title}: surfaces of ${rows.length} map${rows.length === 1 ? "" : "s"}`,
      ...meshes.map((mesh, row) => describe(rows[row]!, levels[row]!, mesh)),
    ].join("\n"),
    width,
    height,
  });
}

/** A level between the particle and what surrounds it: Otsu's threshold (1979), which parts the densities into two groups. */
export function surfaceLevel({ values }: Volume): number {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const bins = 512;
  const counts = new Float64Array(bins);
  const width = (high - low) / bins || 1;
  for (const v of values) counts[Math.min(bins - 1, Math.floor((v - low) / width))]!++;
  const total = counts.reduce((sum, n, i) => sum + n * i, 0);
  let [best, at, below, sumBelow] = [-1, 0, 0, 0];
  for (let i = 0; i < bins - 1; i++) {
    below += counts[i]!;
    sumBelow += counts[i]! * i;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (between > best) [best, at] = [between, i];
  }
  return low + (at + 1) * width;
}

/** `factor` of the way from what surrounds the particle to `level`. */
function leveled({ values }: Volume, level: number, factor: number): number {
  if (factor === 1) return level;
  let [sum, count] = [0, 0];
  for (const v of values) {
    if (v >= level) continue;
    sum += v;
    count++;
  }
  const around = count === 0 ? 0 : sum / count;
  return around + factor * (level - around);
}

/** A Plotly slider that shows one level of every map. */
function levelSlider(rows: readonly LabelledVolume[], levels: readonly number[]): object {
  const caption = (factor: number): string =>
    rows.length === 1 ? numberText(leveled(rows[0]!.volume, levels[0]!, factor)) : `× ${factor}`;
  return {
    active: FACTORS.indexOf(1),
    currentvalue: { prefix: "level " },
    pad: { l: 40, r: 40 },
    steps: FACTORS.map((factor) => ({
      label: caption(factor),
      method: "restyle",
      args: ["visible", rows.flatMap(() => FACTORS.map((other) => other === factor))],
    })),
  };
}

function meshWithin(volume: Volume, level: number, maxTriangles: number): SurfaceMesh {
  let coarse = cropToBox(volume, 64);
  let mesh = surfaceMesh(coarse, level);
  while (mesh.triangles.length / 3 > maxTriangles && coarse.box > 16) {
    const shrink = Math.min(0.9, Math.sqrt(maxTriangles / (mesh.triangles.length / 3)));
    coarse = cropToBox(volume, Math.max(16, 2 * Math.floor((coarse.box * shrink) / 2)));
    mesh = surfaceMesh(coarse, level);
  }
  return mesh;
}

/** The largest coordinate, Å from the centre of the box. */
export function farthest({ positions }: SurfaceMesh): number {
  let most = 0;
  for (let i = 0; i < positions.length; i++) most = Math.max(most, Math.abs(positions[i]!));
  return most;
}

function meshTrace(mesh: SurfaceMesh, label: string, row: number, spacing: number): object {
  const coordinate = (axis: number, shift: number): number[] =>
    roundedTo(
      mesh.positions.filter((_, i) => i % 3 === axis).map((v) => v + shift),
      0.1,
    );
  const corner = (k: number): number[] => Array.from(mesh.triangles.filter((_, i) => i % 3 === k));
  return {
    type: "mesh3d",
    name: plotlyText(label),
    x: coordinate(0, row * spacing),
    y: coordinate(1, 0),
    z: coordinate(2, 0),
    i: corner(0),
    j: corner(1),
    k: corner(2),
    color: categoryColour(row),
    flatshading: false,
    lighting: { ambient: 0.45, diffuse: 0.8, specular: 0.15, roughness: 0.6 },
    hoverinfo: "name",
  };
}

function describe({ label, volume }: LabelledVolume, level: number, mesh: SurfaceMesh): string {
  const inside = volume.values.reduce((count, v) => (v > level ? count + 1 : count), 0);
  const cubicNanometres = (inside * volume.pixelSizeAngstrom ** 3) / 1000;
  return `${label}: level ${numberText(level)}, ${mesh.triangles.length / 3} triangles, reach ${numberText(Math.round(farthest(mesh)))} Å, encloses ${numberText(cubicNanometres)} nm³`;
}
