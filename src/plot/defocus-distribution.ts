/** @file Defocus of the images (µm, underfocus positive) and their astigmatism (Å, defocus U − V). */
import { check } from "../core/errors.js";
import type { Defocus } from "../core/types.js";
import { median, quantile } from "../metrics/quantile.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { extent, numberText, roundedTo } from "./number-text.js";
import { categoryColour } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgRect } from "./svg.js";

const SIZE = { width: 760, height: 320 };
const PANELS: readonly Panel[] = [
  { left: 68, top: 56, width: 294, height: 202 },
  { left: 442, top: 56, width: 294, height: 202 },
];
const BINS = 40;
const LABELS = ["defocus (µm)", "astigmatism (Å)"] as const;

export function defocusDistribution(defocus: readonly Defocus[], options: { readonly title?: string } = {}): Figure {
  const { title = "Defocus" } = options;
  check(defocus.length > 0, "defocus", "at least one image", defocus.length);
  const series = [
    defocus.map(({ uAngstrom, vAngstrom }) => (uAngstrom + vAngstrom) / 2e4),
    defocus.map(({ uAngstrom, vAngstrom }) => Math.abs(uAngstrom - vAngstrom)),
  ];
  const panels = series.map((values, p) => {
    const [low, high] = extent(values);
    const width = (high - low) / BINS || 1;
    const counts = new Array<number>(BINS).fill(0);
    for (const v of values) counts[Math.min(BINS - 1, Math.floor((v - low) / width))]!++;
    const axes = drawAxes(
      PANELS[p]!,
      { label: LABELS[p]!, domain: [low, low + BINS * width], nice: false },
      { label: "images", domain: [0, Math.max(...counts)] },
    );
    const bars = counts.map((n, i) => {
      const [left, right] = [axes.x(low + i * width), axes.x(low + (i + 1) * width)];
      return n === 0 ? "" : svgRect(left, axes.y(n), right - left, axes.y(0) - axes.y(n), categoryColour(p));
    });
    return axes.svg + bars.join("");
  });
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, panels.join(""), `${numberText(defocus.length)} images`),
    plotly: {
      data: series.map((values, p) => ({
        type: "histogram",
        name: LABELS[p],
        x: roundedTo(values, p === 0 ? 1e-4 : 0.1),
        nbinsx: BINS,
        marker: { color: categoryColour(p) },
        xaxis: p === 0 ? "x" : "x2",
        yaxis: p === 0 ? "y" : "y2",
      })),
      layout: plotlyLayout(title, SIZE, {
        grid: { rows: 1, columns: 2, pattern: "independent", xgap: 0.2 },
        xaxis: plotlyAxis(LABELS[0]),
        xaxis2: plotlyAxis(LABELS[1]),
        yaxis: plotlyAxis("images"),
        yaxis2: plotlyAxis("images"),
        showlegend: false,
      }),
    },
    text: [
      `${title}: ${numberText(defocus.length)} images`,
      ...series.map((values, p) => {
        const at = (fraction: number): string => numberText(quantile(values, fraction));
        return `${LABELS[p]}: 5 % ${at(0.05)}, median ${numberText(median(values))}, 95 % ${at(0.95)}`;
      }),
    ].join("\n"),
    ...SIZE,
  });
}
