/**
 * @file FSC of the map decoded at each image's own class and conformation against that image's true map, summed up per group.
 *
 * Line: mean over the images; band: 5th to 95th percentile. The area under a curve (trapezoid rule over 1/box) is at most
 * (box/2 − 1)/box: 0.484 for a box of 64, 0.492 for 128.
 */
import { check } from "../core/errors.js";
import { type FourierShellCorrelation, fscArea } from "../metrics/fourier-shell-correlation.js";
import { median, quantile } from "../metrics/quantile.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, roundedTo } from "./number-text.js";
import { categoryColour, MUTED, rgb } from "./palette.js";
import { plotlyAxis, plotlyLayout, plotlyText } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgLine, svgPath, svgPolygon } from "./svg.js";

export interface ImageFscGroup {
  readonly label: string;
  /** One per image. */
  readonly curves: readonly FourierShellCorrelation[];
}

const SIZE = { width: 720, height: 380 };
const PANEL: Panel = { left: 68, top: 66, width: 628, height: 250 };

/** Groups of per-image curves over the same shells. */
export function imageFsc(groups: readonly ImageFscGroup[], options: { readonly title?: string } = {}): Figure {
  const { title = "Per-image FSC" } = options;
  check(groups.length > 0, "groups", "at least one group", groups.length);
  const shells = groups[0]!.curves[0]?.frequency.length ?? 0;
  for (const { label, curves } of groups) {
    check(curves.length > 0, `group ${label}`, "at least one curve", curves.length);
    for (const { frequency } of curves)
      check(frequency.length === shells, `group ${label}`, `${shells} shells`, frequency.length);
  }
  const { frequency } = groups[0]!.curves[0]!;
  const x = Array.from(frequency).slice(1);
  const summaries = groups.map(({ label, curves }) => {
    const at = (i: number): number[] => curves.map(({ correlation }) => correlation[i]!);
    const over = (f: (values: number[]) => number): number[] => x.map((_, i) => f(at(i + 1)));
    return {
      label,
      mean: over((v) => v.reduce((a, b) => a + b, 0) / v.length),
      low: over((v) => quantile(v, 0.05)),
      high: over((v) => quantile(v, 0.95)),
      areas: curves.map(fscArea),
    };
  });
  const lowest = Math.min(0, ...summaries.flatMap(({ low }) => low));
  const axes = drawAxes(
    PANEL,
    { label: "frequency (1/Å)", domain: [0, x.at(-1)!], nice: false, tickCount: 6 },
    { label: "correlation", domain: [lowest, 1] },
  );
  const line = (values: readonly number[]): [number, number][] => values.map((v, i) => [axes.x(x[i]!), axes.y(v)]);
  const drawn = summaries.map(
    ({ mean, low, high }, g) =>
      svgPolygon([...line(high), ...line(low).reverse()], categoryColour(g), 0.2) +
      svgPath(line(mean), categoryColour(g), 2),
  );
  const half = svgLine(PANEL.left, axes.y(0.5), PANEL.left + PANEL.width, axes.y(0.5), MUTED, 1, "4 4");
  const legend = summaries.map(({ label, areas }, g): [string, string] => [
    `${label}: area ${numberText(Number(median(areas).toFixed(3)))}`,
    categoryColour(g),
  ]);
  const best = (shells - 1) / (2 * shells);
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      axes.svg + half + drawn.join("") + svgLegend(PANEL.left, 50, legend.slice(0, 5)),
      `perfect area ${numberText(Number(best.toFixed(3)))}`,
    ),
    plotly: {
      data: summaries.flatMap(({ label, mean, low, high }, g) => {
        const common = { type: "scatter", mode: "lines", x: roundedTo(x, 1e-6), legendgroup: plotlyText(label) };
        const [r, green, b] = rgb(categoryColour(g));
        const band = { line: { width: 0, color: categoryColour(g) }, showlegend: false, hoverinfo: "skip" };
        return [
          { ...common, ...band, y: roundedTo(high, 1e-4) },
          {
            ...common,
            ...band,
            y: roundedTo(low, 1e-4),
            fill: "tonexty",
            fillcolor: `rgba(${r}, ${green}, ${b}, 0.2)`,
          },
          {
            ...common,
            name: plotlyText(label),
            y: roundedTo(mean, 1e-4),
            line: { color: categoryColour(g), width: 2 },
          },
        ];
      }),
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis("frequency (1/Å)"),
        yaxis: plotlyAxis("correlation"),
      }),
    },
    text: [
      `${title}: area under the curve, at most ${numberText(Number(best.toFixed(3)))}`,
      ...summaries.map(({ label, areas }) => {
        const mean = areas.reduce((a, b) => a + b, 0) / areas.length;
        const spread = Math.sqrt(areas.reduce((sum, a) => sum + (a - mean) ** 2, 0) / areas.length);
        return `${label}: ${areas.length} images, mean ${mean.toFixed(3)} (${spread.toFixed(3)}), median ${median(areas).toFixed(3)}`;
      }),
    ].join("\n"),
    ...SIZE,
  });
}
