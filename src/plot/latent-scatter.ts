/**
 * @file Points of a latent space in two coordinates (UMAP, principal components), coloured by category or by value.
 *
 * The static picture draws discs while they can be told apart and a density beyond (`point-cloud.ts`); the interactive form
 * holds every point up to `LIVE_POINTS`; beyond, it lies on that density and holds a random part of the points to look at.
 */
import { check } from "../core/errors.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import { type Axes, drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText } from "./number-text.js";
import { CATEGORIES, categoryColour, PLOTLY_VIRIDIS, type Rgb, rgb, VIRIDIS } from "./palette.js";
import { plotlyAxis, plotlyLayout, plotlyText } from "./plotly-layout.js";
import { cloudPicture, drawCloud } from "./point-cloud.js";
import { blankRaster, pngDataUri } from "./raster.js";
import { svgDocument, svgImage, svgLegend, svgText } from "./svg.js";

export interface LatentScatterData {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** A word or number per point, for instance its class. */
  readonly categories?: ArrayLike<string | number>;
  /** Or a quantity per point. */
  readonly values?: ArrayLike<number>;
}

export interface LatentScatterOptions {
  /** @default "Latent space" */
  readonly title?: string;
  /** @default "UMAP 1" */
  readonly xLabel?: string;
  /** @default "UMAP 2" */
  readonly yLabel?: string;
  /** What the colour means. @default "class" or "value" */
  readonly colourLabel?: string;
}

const LIVE_POINTS = 50_000;
const SAMPLED_POINTS = 10_000;
const SIZE = { width: 720, height: 520 };
const PANEL: Panel = { left: 68, top: 66, width: 628, height: 396 };
const MARGIN = 0.04;

export function latentScatter(data: LatentScatterData, options: LatentScatterOptions = {}): Figure {
  const { title = "Latent space", xLabel = "UMAP 1", yLabel = "UMAP 2" } = options;
  const { x, y, categories, values } = data;
  check(x.length > 0, "x", "at least one point", x.length);
  check(y.length === x.length, "y", `${x.length} coordinates`, y.length);
  check(
    categories === undefined || categories.length === x.length,
    "categories",
    `${x.length} words`,
    categories?.length,
  );
  check(values === undefined || values.length === x.length, "values", `${x.length} numbers`, values?.length);
  const colourLabel = options.colourLabel ?? (categories === undefined ? "value" : "class");
  const names = categories === undefined ? [] : distinct(categories);
  const colours = colourOfPoints(data, names);
  const axes = drawAxes(
    PANEL,
    { label: xLabel, domain: padded(x), nice: false },
    { label: yLabel, domain: padded(y), nice: false },
  );
  const legend = names.slice(0, 8).map((name, k): [string, string] => [`${colourLabel} ${name}`, categoryColour(k)]);
  const scale = values === undefined || categories !== undefined ? "" : colourBar(colourLabel, extent(values));
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      axes.svg + drawCloud(data, axes, PANEL, colours) + svgLegend(PANEL.left, 52, legend) + scale,
      `${numberText(x.length)} points`,
    ),
    plotly: {
      data: pointTraces(data, shownPoints(x.length), names, colourLabel),
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis(xLabel),
        yaxis: plotlyAxis(yLabel),
        legend: { itemsizing: "constant" },
        ...(x.length > LIVE_POINTS && densityBelow(data, axes, colours, [xLabel, yLabel])),
      }),
    },
    text: describe(title, data, names, colourLabel, [xLabel, yLabel]),
    ...SIZE,
  });
}

function colourOfPoints({ x, categories, values }: LatentScatterData, names: readonly (string | number)[]): Rgb[] {
  if (categories !== undefined) {
    const colourOf = new Map(names.map((name, k) => [name, rgb(categoryColour(k))]));
    return Array.from({ length: x.length }, (_, i) => colourOf.get(categories[i]!)!);
  }
  if (values === undefined) return new Array<Rgb>(x.length).fill(rgb(CATEGORIES[0]!));
  const [low, high] = extent(values);
  return Array.from(
    values,
    (v) => VIRIDIS[Math.max(0, Math.min(255, Math.round((255 * (v - low)) / (high - low || 1))))]!,
  );
}

/** Positions of the points that the interactive form holds, ascending. */
function shownPoints(count: number): ArrayLike<number> {
  if (count <= LIVE_POINTS) return Int32Array.from({ length: count }, (_, i) => i);
  return shuffledIndices(count, seededRandom(1)).slice(0, SAMPLED_POINTS).sort();
}

/** The density of all points as a picture that the axes carry with them. */
function densityBelow(
  data: LatentScatterData,
  axes: Axes,
  colours: readonly Rgb[],
  [xLabel, yLabel]: readonly [string, string],
): object {
  const [[x0, x1], [y0, y1]] = [padded(data.x), padded(data.y)];
  const place = {
    xref: "x",
    yref: "y",
    x: x0,
    y: y1,
    sizex: x1 - x0,
    sizey: y1 - y0,
    sizing: "stretch",
    layer: "below",
  };
  return {
    xaxis: plotlyAxis(xLabel, { range: [x0, x1] }),
    yaxis: plotlyAxis(yLabel, { range: [y0, y1] }),
    images: [{ source: cloudPicture(data, axes, PANEL, colours), ...place }],
  };
}

function pointTraces(
  { x, y, categories, values }: LatentScatterData,
  shown: ArrayLike<number>,
  names: readonly (string | number)[],
  colourLabel: string,
): object[] {
  const chosen = (all: ArrayLike<number>): number[] => compactNumbers(Float64Array.from(shown, (i) => all[i]!));
  const [px, py] = [chosen(x), chosen(y)];
  const sampled = shown.length < x.length;
  const marker = { size: shown.length > 5000 ? 3 : 5, opacity: sampled ? 0.35 : 0.75 };
  const type = shown.length > 2000 ? "scattergl" : "scatter";
  if (categories === undefined) {
    const colour =
      values === undefined
        ? { color: CATEGORIES[0] }
        : {
            color: chosen(values),
            colorscale: PLOTLY_VIRIDIS,
            showscale: true,
            colorbar: { title: { text: plotlyText(colourLabel) } },
          };
    const index = sampled ? { customdata: Array.from(shown) } : {};
    return [{ type, mode: "markers", x: px, y: py, ...index, marker: { ...marker, ...colour } }];
  }
  return names.map((name, k) => {
    const rows = px.map((_, i) => i).filter((i) => categories[shown[i]!] === name);
    return {
      type,
      mode: "markers",
      name: plotlyText(`${colourLabel} ${name}`),
      x: rows.map((i) => px[i]!),
      y: rows.map((i) => py[i]!),
      customdata: rows.map((i) => shown[i]!), // the point's index, 0-based
      marker: { ...marker, color: categoryColour(k) },
    };
  });
}

function colourBar(label: string, [low, high]: readonly [number, number]): string {
  const raster = blankRaster(256, 1);
  VIRIDIS.forEach((colour, i) => {
    raster.pixels.set([...colour, 255], 4 * i);
  });
  const left = PANEL.left + textRoom(label);
  return (
    svgText(PANEL.left, 52, label, { size: 11.5 }) +
    svgText(left + 34, 52, numberText(low), { size: 11, anchor: "end" }) +
    svgImage(left + 40, 43, 140, 10, pngDataUri(raster)) +
    svgText(left + 186, 52, numberText(high), { size: 11 })
  );
}

function textRoom(label: string): number {
  return label.length * 6.5 + 8;
}

function padded(values: ArrayLike<number>): readonly [number, number] {
  const [low, high] = extent(values);
  const room = (high - low) * MARGIN || 0.5;
  return [low - room, high + room];
}

function distinct(categories: ArrayLike<string | number>): readonly (string | number)[] {
  return [...new Set(Array.from(categories))].sort((a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1,
  );
}

function describe(
  title: string,
  { x, y, categories, values }: LatentScatterData,
  names: readonly (string | number)[],
  colourLabel: string,
  [xLabel, yLabel]: readonly [string, string],
): string {
  const range = (v: ArrayLike<number>): string => extent(v).map(numberText).join(" to ");
  const lines = [`${title}: ${numberText(x.length)} points, ${xLabel} ${range(x)}, ${yLabel} ${range(y)}`];
  if (categories !== undefined) {
    const counts = new Map<string | number, number>();
    for (let i = 0; i < categories.length; i++) counts.set(categories[i]!, (counts.get(categories[i]!) ?? 0) + 1);
    lines.push(...names.map((name) => `${colourLabel} ${name}: ${numberText(counts.get(name)!)} points`));
  } else if (values !== undefined) lines.push(`colour: ${colourLabel}, ${range(values)}`);
  return lines.join("\n");
}
