/**
 * @file Where the particles were seen from: density of viewing directions (third rows of R) on the sphere.
 *
 * Mollweide projection (equal areas), z up, x in the middle; 1 = as many as if every direction were equally likely.
 */
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText } from "./number-text.js";
import { AXIS, MUTED, PLOTLY_VIRIDIS, VIRIDIS } from "./palette.js";
import { plotlyLayout } from "./plotly-layout.js";
import { blankRaster, pngDataUri } from "./raster.js";
import { svgDocument, svgImage, svgPath, svgText } from "./svg.js";

export interface ViewingDirectionsOptions {
  /** @default "Viewing directions" */
  readonly title?: string;
  /** Width of the smoothing on the sphere, degrees. @default 8 */
  readonly smoothingDeg?: number;
}

const SIZE = { width: 720, height: 440 };
const [LEFT, TOP, WIDTH, HEIGHT] = [40, 52, 640, 320];
/** Colours of the picture: few enough for a small PNG, too many to be told apart. */
const SHADES = 64;
/** Raster cells along half of the equator; the other way half as many. */
const CELLS = 60;

export function viewingDirections(rotations: Rotations, options: ViewingDirectionsOptions = {}): Figure {
  const { title = "Viewing directions", smoothingDeg = 8 } = options;
  check(rotations.count > 0, "rotations", "at least one", rotations.count);
  const cells = mollweideCells();
  const density = smoothedDensity(cells, rotations, smoothingDeg);
  const most = Math.max(...density);
  const top = Math.max(2, most);
  const raster = blankRaster(2 * CELLS, CELLS);
  cells.forEach(({ row, column }, i) => {
    const shade = Math.round((SHADES * density[i]!) / top) / SHADES;
    raster.pixels.set([...VIRIDIS[Math.round(255 * shade)]!, 255], 4 * (row * 2 * CELLS + column));
  });
  const subtitle = `${numberText(rotations.count)} images`;
  const clip = `<clipPath id="globe"><ellipse cx="${LEFT + WIDTH / 2}" cy="${TOP + HEIGHT / 2}" rx="${WIDTH / 2}" ry="${HEIGHT / 2}"/></clipPath>`;
  const picture = `${clip}<g clip-path="url(#globe)">${svgImage(LEFT, TOP, WIDTH, HEIGHT, pngDataUri(filledOut(raster)))}</g>`;
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, picture + graticule() + scale(top), subtitle),
    plotly: {
      data: [
        {
          type: "heatmap",
          x0: -2 + 1 / CELLS,
          dx: 2 / CELLS,
          y0: 1 - 1 / CELLS,
          dy: -2 / CELLS,
          z: plotlyRows(cells, density),
          zmin: 0,
          zmax: Math.round(top * 100) / 100,
          zsmooth: "best",
          colorscale: PLOTLY_VIRIDIS,
          colorbar: { title: { text: "relative density" } },
        },
      ],
      layout: plotlyLayout(title, SIZE, {
        xaxis: { visible: false, range: [-2.05, 2.05] },
        yaxis: { visible: false, range: [-1.05, 1.05], scaleanchor: "x" },
      }),
    },
    text: describe(title, subtitle, cells, density, rotations),
    ...SIZE,
  });
}

interface Cell {
  readonly row: number;
  readonly column: number;
  /** Unit vector of the direction shown there. */
  readonly direction: readonly [x: number, y: number, z: number];
}

/** The cells inside the ellipse. Inverse of x = (2√2/π) λ cos θ, y = √2 sin θ, 2θ + sin 2θ = π sin φ, scaled to 2 × 1. */
function mollweideCells(): readonly Cell[] {
  const cells: Cell[] = [];
  for (let row = 0; row < CELLS; row++)
    for (let column = 0; column < 2 * CELLS; column++) {
      const x = (2 * (column + 0.5)) / CELLS - 2;
      const y = 1 - (2 * (row + 0.5)) / CELLS;
      if ((x / 2) ** 2 + y * y > 1) continue;
      const theta = Math.asin(y);
      const z = Math.max(-1, Math.min(1, (2 * theta + Math.sin(2 * theta)) / Math.PI));
      const longitude = (Math.PI * x) / (2 * Math.cos(theta));
      const across = Math.sqrt(1 - z * z);
      cells.push({ row, column, direction: [across * Math.cos(longitude), across * Math.sin(longitude), z] });
    }
  return cells;
}

/** Von Mises-Fisher kernel on the cells' counts, relative to the mean. */
function smoothedDensity(cells: readonly Cell[], rotations: Rotations, smoothingDeg: number): Float64Array {
  const concentration = 1 / ((smoothingDeg * Math.PI) / 180) ** 2;
  const nearest = Math.cos((3 * smoothingDeg * Math.PI) / 180);
  const counts = countsIn(cells, rotations);
  const mean = rotations.count / cells.length;
  const [xs, ys, zs] = [0, 1, 2].map((axis) => Float64Array.from(cells, (c) => c.direction[axis]!)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return Float64Array.from(cells, ({ direction: [x, y, z] }) => {
    let [sum, weight] = [0, 0];
    for (let j = 0; j < xs.length; j++) {
      const cosine = x * xs[j]! + y * ys[j]! + z * zs[j]!;
      if (cosine < nearest) continue;
      const kernel = Math.exp(concentration * (cosine - 1));
      sum += kernel * counts[j]!;
      weight += kernel;
    }
    return sum / weight / mean;
  });
}

/** How many images look along each cell: forward projection by Newton's method on θ. */
function countsIn(cells: readonly Cell[], rotations: Rotations): Float64Array {
  const cellAt = new Map(cells.map(({ row, column }, i) => [row * 2 * CELLS + column, i]));
  const counts = new Float64Array(cells.length);
  for (let i = 0; i < rotations.count; i++) {
    const [x, y] = mollweide(
      Math.atan2(rotations.matrices[9 * i + 7]!, rotations.matrices[9 * i + 6]!),
      rotations.matrices[9 * i + 8]!,
    );
    const row = Math.max(0, Math.min(CELLS - 1, Math.floor(((1 - y) * CELLS) / 2)));
    let column = Math.max(0, Math.min(2 * CELLS - 1, Math.floor(((x + 2) * CELLS) / 2)));
    // A point of a rim cell whose centre lies outside: the next one inwards.
    while (!cellAt.has(row * 2 * CELLS + column)) column += column < CELLS ? 1 : -1;
    counts[cellAt.get(row * 2 * CELLS + column)!]!++;
  }
  return counts;
}

/** Longitude (rad) and z = sin latitude → x in −2..2, y in −1..1. */
function mollweide(longitude: number, z: number): readonly [number, number] {
  let theta = Math.asin(Math.max(-1, Math.min(1, z)));
  for (let k = 0; k < 20 && Math.abs(z) < 1 - 1e-9; k++) {
    const step = (2 * theta + Math.sin(2 * theta) - Math.PI * z) / (2 + 2 * Math.cos(2 * theta));
    theta -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  return [(2 / Math.PI) * longitude * Math.cos(theta), Math.sin(theta)];
}

/** Rim pixels take their inner neighbour's colour, so that smoothing at the edge meets no hole. */
function filledOut(raster: ReturnType<typeof blankRaster>): ReturnType<typeof blankRaster> {
  for (let row = 0; row < CELLS; row++)
    for (const [from, step] of [
      [CELLS - 1, -1],
      [CELLS, 1],
    ] as const)
      for (let column = from; column >= 0 && column < 2 * CELLS; column += step) {
        const at = 4 * (row * 2 * CELLS + column);
        if (raster.pixels[at + 3] === 0) raster.pixels.copyWithin(at, at - 4 * step, at - 4 * step + 4);
      }
  return raster;
}

function graticule(): string {
  const place = ([x, y]: readonly [number, number]): [number, number] => [
    LEFT + ((x + 2) / 4) * WIDTH,
    TOP + ((1 - y) / 2) * HEIGHT,
  ];
  const fractions = Array.from({ length: 61 }, (_, i) => i / 60);
  const parallels = [-60, -30, 0, 30, 60].map((latitude) =>
    fractions.map((f) => place(mollweide((2 * f - 1) * Math.PI, Math.sin((latitude * Math.PI) / 180)))),
  );
  const meridians = [-180, -120, -60, 0, 60, 120, 180].map((longitude) =>
    fractions.map((f) => place(mollweide((longitude * Math.PI) / 180, Math.sin((f - 0.5) * Math.PI)))),
  );
  const lines = [...parallels, ...meridians].map((points, i) => {
    const rim = i === parallels.length || i === parallels.length + meridians.length - 1;
    return rim ? svgPath(points, AXIS, 1.2) : `<g opacity="0.35">${svgPath(points, "#ffffff", 0.8)}</g>`;
  });
  const words = [-60, -30, 0, 30, 60].map((latitude) => {
    const [x, y] = place(mollweide(-Math.PI, Math.sin((latitude * Math.PI) / 180)));
    return svgText(x - 6, y + 4, `${latitude}°`, { size: 10.5, colour: MUTED, anchor: "end" });
  });
  return lines.join("") + words.join("");
}

function scale(top: number): string {
  const raster = blankRaster(256, 1);
  VIRIDIS.forEach((colour, i) => {
    raster.pixels.set([...colour, 255], 4 * i);
  });
  const [left, y] = [LEFT + WIDTH / 2 - 110, SIZE.height - 34];
  return (
    svgImage(left, y, 220, 10, pngDataUri(raster)) +
    svgText(left - 8, y + 9, "0", { size: 11, anchor: "end" }) +
    svgText(left + 228, y + 9, numberText(Number(top.toPrecision(3))), { size: 11 }) +
    svgText(LEFT + WIDTH / 2, y + 25, "density relative to uniform", { size: 11, colour: MUTED, anchor: "middle" })
  );
}

function plotlyRows(cells: readonly Cell[], density: Float64Array): (number | null)[][] {
  const rows = Array.from({ length: CELLS }, () => new Array<number | null>(2 * CELLS).fill(null));
  cells.forEach(({ row, column }, i) => {
    rows[row]![column] = Math.round(100 * density[i]!) / 100;
  });
  return rows;
}

function describe(
  title: string,
  subtitle: string,
  cells: readonly Cell[],
  density: Float64Array,
  rotations: Rotations,
): string {
  const peak = density.reduce((best, d, i) => (d > density[best]! ? i : best), 0);
  const low = density.reduce((best, d, i) => (d < density[best]! ? i : best), 0);
  const where = (i: number): string => {
    const [x, y, z] = cells[i]!.direction;
    const degrees = (rad: number): string => `${Math.round((rad * 180) / Math.PI)}°`;
    return `longitude ${degrees(Math.atan2(y, x))}, latitude ${degrees(Math.asin(z))}`;
  };
  const seen = density.filter((d) => d > 0.1).length / cells.length;
  return [
    `${title}: ${subtitle}`,
    `densest ${numberText(density[peak]!)} × uniform at ${where(peak)}`,
    `sparsest ${numberText(density[low]!)} × uniform at ${where(low)}`,
    `${numberText(Math.round(100 * seen))} % of the sphere above a tenth of uniform (${rotations.count} images)`,
  ].join("\n");
}
