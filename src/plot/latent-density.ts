/**
 * @file Where the points of a latent space are dense, smoothed, as −ln(density / highest): 0 at the peak, rising to where few are.
 *
 * It is a picture of the data's density. It is no free energy: latent coordinates are stretched at will by what found them.
 */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { extent, numberText, roundedTo } from "./number-text.js";
import { PLOTLY_VIRIDIS, VIRIDIS } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import type { Cloud } from "./point-cloud.js";
import { blankRaster, pngDataUri } from "./raster.js";
import { smoothedCounts } from "./smoothed-counts.js";
import { svgDocument, svgImage, svgText } from "./svg.js";

export interface LatentDensityOptions {
  /** @default "Density of the latent space" */
  readonly title?: string;
  /** @default "UMAP 1" */
  readonly xLabel?: string;
  /** @default "UMAP 2" */
  readonly yLabel?: string;
  /** Width of the smoothing, as a fraction of the range. @default 0.015 */
  readonly smoothing?: number;
}

const SIZE = { width: 720, height: 520 };
const PANEL: Panel = { left: 68, top: 66, width: 560, height: 396 };
const [COLUMNS, ROWS] = [140, 99];
/** Rarer than this fraction of the peak is left blank: e^−6. */
const DEEPEST = 6;

export function latentDensity({ x, y }: Cloud, options: LatentDensityOptions = {}): Figure {
  const { title = "Density of the latent space", xLabel = "UMAP 1", yLabel = "UMAP 2", smoothing = 0.015 } = options;
  check(x.length > 0 && y.length === x.length, "y", `${x.length} coordinates, at least one`, y.length);
  check(smoothing >= 0, "smoothing", "a fraction of the range", smoothing);
  const ranges = [padded(x), padded(y)] as const;
  const { counts } = smoothedCounts({ x, y }, ranges, [COLUMNS, ROWS], smoothing * COLUMNS);
  const peak = counts.reduce((a, b) => Math.max(a, b), 0);
  const depth = counts.map((n) => -Math.log(n / peak));
  const raster = blankRaster(COLUMNS, ROWS);
  depth.forEach((d, i) => {
    if (!(d < DEEPEST)) return;
    const row = ROWS - 1 - Math.floor(i / COLUMNS);
    raster.pixels.set(
      [...VIRIDIS[Math.round((255 * (DEEPEST - d)) / DEEPEST)]!, 255],
      4 * (row * COLUMNS + (i % COLUMNS)),
    );
  });
  const axes = drawAxes(
    PANEL,
    { label: xLabel, domain: ranges[0], nice: false },
    { label: yLabel, domain: ranges[1], nice: false },
  );
  const [[x0, x1], [y0, y1]] = ranges;
  const best = counts.indexOf(peak);
  const at = [
    x0 + (((best % COLUMNS) + 0.5) * (x1 - x0)) / COLUMNS,
    y0 + ((Math.floor(best / COLUMNS) + 0.5) * (y1 - y0)) / ROWS,
  ];
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      svgImage(PANEL.left, PANEL.top, PANEL.width, PANEL.height, pngDataUri(raster)) + axes.svg + scale(),
      `${numberText(x.length)} points`,
    ),
    plotly: {
      data: [
        {
          type: "contour",
          x0: x0 + (x1 - x0) / (2 * COLUMNS),
          dx: (x1 - x0) / COLUMNS,
          y0: y0 + (y1 - y0) / (2 * ROWS),
          dy: (y1 - y0) / ROWS,
          z: Array.from({ length: ROWS }, (_, row) =>
            roundedTo(
              depth.subarray(row * COLUMNS, (row + 1) * COLUMNS).map((d) => Math.min(d, 99)),
              0.01,
            ).map((d) => (d < DEEPEST ? d : null)),
          ),
          contours: { start: 0, end: DEEPEST, size: 0.5 },
          colorscale: PLOTLY_VIRIDIS.map(([t, colour]) => [1 - t, colour]).reverse(),
          colorbar: { title: { text: "−ln density" } },
        },
      ],
      layout: plotlyLayout(title, SIZE, { xaxis: plotlyAxis(xLabel), yaxis: plotlyAxis(yLabel) }),
    },
    text: [
      `${title}: ${numberText(x.length)} points`,
      `densest at ${xLabel} ${numberText(at[0]!)}, ${yLabel} ${numberText(at[1]!)}`,
    ].join("\n"),
    ...SIZE,
  });
}

function scale(): string {
  const raster = blankRaster(1, 256);
  VIRIDIS.forEach((colour, i) => {
    raster.pixels.set([...colour, 255], 4 * (255 - i));
  });
  const left = PANEL.left + PANEL.width + 24;
  return (
    svgImage(left, PANEL.top + 20, 12, 180, pngDataUri(raster)) +
    svgText(left - 4, PANEL.top + 10, "−ln density", { size: 11 }) +
    svgText(left + 18, PANEL.top + 28, "0", { size: 11 }) +
    svgText(left + 18, PANEL.top + 200, String(DEEPEST), { size: 11 })
  );
}

function padded(values: ArrayLike<number>): readonly [number, number] {
  const [low, high] = extent(values);
  const room = (high - low) * 0.06 || 0.5;
  return [low - room, high + room];
}
