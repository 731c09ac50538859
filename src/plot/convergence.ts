/** @file Whether a run has settled: the loss, and how many images still change their class, over the passes (log scale). */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText, percentText, roundedTo } from "./number-text.js";
import { CATEGORIES, MUTED } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLine, svgPath, svgText } from "./svg.js";

/** One report of a run. */
export interface ConvergenceStep {
  /** Passes through the data so far, with their fraction. */
  readonly passes: number;
  /** Negative log-evidence per image; lower is better. Comparable at equal resolution only. */
  readonly loss: number;
  /** Fraction of the images that changed class since the step before, 0..1. */
  readonly changed: number;
  /** The limit the images were compared to. */
  readonly resolutionAngstrom: number;
}

const SIZE = { width: 760, height: 320 };
const PANELS: readonly Panel[] = [
  { left: 76, top: 64, width: 286, height: 194 },
  { left: 450, top: 64, width: 286, height: 194 },
];
/** Below this share nobody can tell a change from none. */
const FLOOR = 1e-4;

export function convergence(steps: readonly ConvergenceStep[], options: { readonly title?: string } = {}): Figure {
  const { title = "Convergence" } = options;
  check(steps.length > 0, "steps", "at least one report", steps.length);
  const passes = steps.map((s) => s.passes);
  const loss = steps.map((s) => s.loss);
  const changed = steps.map((s) => Math.max(FLOOR, Math.min(1, s.changed)));
  const finer = steps.flatMap((s, i) =>
    i > 0 && s.resolutionAngstrom < steps[i - 1]!.resolutionAngstrom ? [s.passes] : [],
  );
  const xAxis = { label: "passes", domain: [Math.min(...passes), Math.max(...passes)] as const, nice: false };
  const lossAxes = drawAxes(PANELS[0]!, xAxis, { label: "loss per image", domain: extent(loss), tickCount: 4 });
  const changedAxes = drawAxes(PANELS[1]!, xAxis, {
    label: "images that changed class",
    domain: [FLOOR, 1],
    scale: "log",
    ticks: [1, 0.1, 0.01, 0.001, FLOOR].map((v): [number, string] => [v, `${100 * v} %`]),
  });
  const { top, height } = PANELS[0]!;
  const marks = finer.map((p) => svgLine(lossAxes.x(p), top, lossAxes.x(p), top + height, MUTED, 0.6, "2 4"));
  const path = (axes: typeof lossAxes, values: readonly number[]): [number, number][] =>
    values.flatMap((v, i) => (Number.isFinite(v) ? [[axes.x(passes[i]!), axes.y(v)] as [number, number]] : []));
  const last = steps.at(-1)!;
  const words = finer.length > 0 ? "dotted: a finer resolution begins" : "";
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      lossAxes.svg +
        changedAxes.svg +
        marks.join("") +
        svgPath(path(lossAxes, loss), CATEGORIES[0]!, 2) +
        svgPath(path(changedAxes, changed), CATEGORIES[1]!, 2) +
        svgText(PANELS[0]!.left, 52, words, { size: 11, colour: MUTED }),
      `${numberText(last.passes)} passes`,
    ),
    plotly: {
      data: [
        trace(compactNumbers(loss.map((v) => (Number.isFinite(v) ? v : 0))), CATEGORIES[0]!, ""),
        trace(roundedTo(changed, 1e-5), CATEGORIES[1]!, "2"),
      ].map((t) => ({ ...t, x: roundedTo(passes, 1e-3) })),
      layout: plotlyLayout(title, SIZE, {
        grid: { rows: 1, columns: 2, pattern: "independent", xgap: 0.22 },
        xaxis: plotlyAxis("passes"),
        xaxis2: plotlyAxis("passes"),
        yaxis: plotlyAxis("loss per image"),
        yaxis2: plotlyAxis("images that changed class", { type: "log", tickformat: ".2%" }),
        showlegend: false,
      }),
    },
    text: [
      `${title}: ${steps.length} reports over ${numberText(last.passes)} passes`,
      `loss per image ${numberText(loss[0]!)} → ${numberText(last.loss)} at ${numberText(last.resolutionAngstrom)} Å`,
      `images that changed class ${percentText(steps[0]!.changed)} → ${percentText(last.changed)}`,
    ].join("\n"),
    ...SIZE,
  });
}

function trace(y: number[], color: string, axis: "" | "2"): object {
  return { type: "scatter", mode: "lines", y, xaxis: `x${axis}`, yaxis: `y${axis}`, line: { color, width: 2 } };
}
