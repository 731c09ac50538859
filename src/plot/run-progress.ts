/** @file How a run went: resolution limit, temperature, log-likelihood and class occupancy over the images seen. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText, percentText, roundedTo } from "./number-text.js";
import { CATEGORIES, categoryColour } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgPath, svgText } from "./svg.js";

/** One report of the run. */
export interface RunStep {
  /** Images visited so far, each pass counting again. */
  readonly images: number;
  /** Resolution limit, Fourier pixels. */
  readonly radius: number;
  readonly temperature: number;
  /** Mean over the last images. */
  readonly logLikelihood: number;
  /** Fraction of the images in each class, 0..1. */
  readonly occupancy: readonly number[];
}

const SIZE = { width: 760, height: 500 };
const [WIDTH, HEIGHT] = [296, 150];
const PANELS: readonly Panel[] = [0, 1, 2, 3].map((i) => ({
  left: 70 + (i % 2) * 375,
  top: 64 + Math.floor(i / 2) * 224,
  width: WIDTH,
  height: HEIGHT,
}));

export function runProgress(steps: readonly RunStep[], options: { readonly title?: string } = {}): Figure {
  const { title = "Progress" } = options;
  check(steps.length > 0, "steps", "at least one report", steps.length);
  const classes = steps.at(-1)!.occupancy.length;
  const series: readonly {
    name: string;
    lines: readonly { label: string; values: readonly number[]; colour: string }[];
  }[] = [
    {
      name: "radius (Fourier pixels)",
      lines: [{ label: "radius", values: steps.map((s) => s.radius), colour: CATEGORIES[0]! }],
    },
    {
      name: "temperature",
      lines: [{ label: "temperature", values: steps.map((s) => s.temperature), colour: CATEGORIES[1]! }],
    },
    {
      name: "log-likelihood per image",
      lines: [{ label: "log-likelihood", values: steps.map((s) => s.logLikelihood), colour: CATEGORIES[2]! }],
    },
    {
      name: "occupancy",
      lines: Array.from({ length: classes }, (_, k) => ({
        label: `class ${k + 1}`,
        values: steps.map((s) => s.occupancy[k] ?? 0),
        colour: categoryColour(k),
      })),
    },
  ];
  const images = steps.map((s) => s.images);
  const panels = series.map(({ name, lines }, i) => {
    const all = lines.flatMap(({ values }) => values).filter(Number.isFinite);
    const [low, high] = extent(all);
    const axes = drawAxes(
      PANELS[i]!,
      { label: "images visited", domain: [Math.min(...images), Math.max(...images)], nice: false, tickCount: 4 },
      { label: "", domain: i === 2 ? [low, high] : [0, high], tickCount: 4 },
    );
    const heading = svgText(PANELS[i]!.left, PANELS[i]!.top - 10, name, { size: 12, weight: 600 });
    const paths = lines.map(({ values, colour }) =>
      svgPath(
        values.map((v, s): [number, number] => [axes.x(images[s]!), axes.y(v)]).filter(([, y]) => Number.isFinite(y)),
        colour,
        2,
      ),
    );
    const legend = lines.slice(0, 5).map(({ label, colour }): [string, string] => [label, colour]);
    const names = lines.length > 1 ? svgLegend(PANELS[i]!.left + 84, PANELS[i]!.top - 10, legend, 10.5) : "";
    return heading + names + axes.svg + paths.join("");
  });
  const last = steps.at(-1)!;
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, panels.join(""), `${numberText(last.images)} images visited`),
    plotly: {
      data: series.flatMap(({ lines }, i) =>
        lines.map(({ label, values, colour }) => ({
          type: "scatter",
          mode: "lines",
          name: label,
          x: images,
          y: i === 3 ? roundedTo(values, 1e-4) : compactNumbers(values.map((v) => (Number.isFinite(v) ? v : 0))),
          xaxis: i === 0 ? "x" : `x${i + 1}`,
          yaxis: i === 0 ? "y" : `y${i + 1}`,
          line: { color: colour, width: 2 },
        })),
      ),
      layout: plotlyLayout(title, SIZE, {
        grid: { rows: 2, columns: 2, pattern: "independent", xgap: 0.18, ygap: 0.3 },
        showlegend: false,
        ...Object.fromEntries(
          series.flatMap(({ name }, i) => [
            [`xaxis${i === 0 ? "" : i + 1}`, plotlyAxis("images visited")],
            [`yaxis${i === 0 ? "" : i + 1}`, plotlyAxis(name)],
          ]),
        ),
      }),
    },
    text: [
      `${title}: ${steps.length} reports, ${numberText(last.images)} images visited`,
      `radius ${numberText(steps[0]!.radius)} → ${numberText(last.radius)} Fourier pixels, temperature ${numberText(steps[0]!.temperature)} → ${numberText(last.temperature)}`,
      `log-likelihood per image ${numberText(steps[0]!.logLikelihood)} → ${numberText(last.logLikelihood)}`,
      `occupancy ${last.occupancy.map((o, k) => `class ${k + 1}: ${percentText(o)}`).join(", ")}`,
    ].join("\n"),
    ...SIZE,
  });
}
