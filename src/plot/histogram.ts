/** @file Histogram of one or several groups of numbers, for instance the pose errors of each species. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText } from "./number-text.js";
import { categoryColour, INK } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgLine, svgPath, svgRect } from "./svg.js";

export interface HistogramGroup {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

export interface HistogramOptions {
  /** With its unit: "rotation error (°)". */
  readonly xLabel: string;
  /** @default "Histogram" */
  readonly title?: string;
  /** @default 40 */
  readonly bins?: number;
  /** Left and right end; values beyond are counted in the last bins. @default the values' own */
  readonly domain?: readonly [low: number, high: number];
}

const SIZE = { width: 720, height: 340 };
const PANEL: Panel = { left: 68, top: 56, width: 628, height: 222 };

export function histogram(groups: readonly HistogramGroup[], options: HistogramOptions): Figure {
  const { xLabel, title = "Histogram", bins = 40 } = options;
  check(groups.length > 0, "groups", "at least one group", groups.length);
  const finite = groups.map(({ label, values }) => ({ label, values: Array.from(values).filter(Number.isFinite) }));
  const [low, high] = options.domain ?? extent(finite.flatMap(({ values }) => values));
  const width = high > low ? (high - low) / bins : 1;
  const counts = finite.map(({ values }) => binned(values, low, width, bins));
  const tallest = Math.max(1, ...counts.flat());
  const axes = drawAxes(
    PANEL,
    { label: xLabel, domain: [low, low + bins * width], nice: false },
    { label: "images", domain: [0, tallest] },
  );
  const bars = counts.map((row, g) => {
    const colour = categoryColour(g);
    const filled = row.map((n, i) => {
      const [left, right] = [axes.x(low + i * width), axes.x(low + (i + 1) * width)];
      return n === 0
        ? ""
        : svgRect(left, axes.y(n), right - left, axes.y(0) - axes.y(n), colour, `fill-opacity="0.28"`);
    });
    const outline = row.flatMap((n, i): [number, number][] => [
      [axes.x(low + i * width), axes.y(n)],
      [axes.x(low + (i + 1) * width), axes.y(n)],
    ]);
    return filled.join("") + svgPath(outline, colour, 1.6);
  });
  const medians = finite.map(({ values }, g) => {
    if (values.length === 0) return "";
    const at = axes.x(Math.min(low + bins * width, Math.max(low, middle(values))));
    return svgLine(
      at,
      PANEL.top,
      at,
      PANEL.top + PANEL.height,
      finite.length === 1 ? INK : categoryColour(g),
      1.2,
      "4 3",
    );
  });
  const names = finite.map(({ label, values }, g): [string, string] => [
    values.length === 0 ? `${label}: none` : `${label}: median ${numberText(middle(values))}`,
    categoryColour(g),
  ]);
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      axes.svg + bars.join("") + medians.join("") + svgLegend(68, 47, names),
    ),
    plotly: {
      data: finite.map(({ label, values }, g) => ({
        type: "histogram",
        name: label,
        x: compactNumbers(values),
        xbins: { start: low, end: low + bins * width, size: width },
        marker: { color: categoryColour(g) },
        opacity: finite.length === 1 ? 0.85 : 0.5,
      })),
      layout: plotlyLayout(title, SIZE, {
        barmode: "overlay",
        xaxis: plotlyAxis(xLabel),
        yaxis: plotlyAxis("images"),
        showlegend: finite.length > 1,
      }),
    },
    text: [`${title}: ${xLabel}`, ...finite.map(describe)].join("\n"),
    ...SIZE,
  });
}

function binned(values: readonly number[], low: number, width: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const v of values) counts[Math.max(0, Math.min(bins - 1, Math.floor((v - low) / width)))]!++;
  return counts;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function describe({ label, values }: { label: string; values: readonly number[] }): string {
  if (values.length === 0) return `${label}: no values`;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number): string => numberText(sorted[Math.round(fraction * (sorted.length - 1))]!);
  return `${label}: ${values.length} values, 5 % ${at(0.05)}, median ${numberText(middle(values))}, 95 % ${at(0.95)}`;
}
