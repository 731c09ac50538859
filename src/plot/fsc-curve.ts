/** @file Fourier shell correlation curves with the two usual thresholds. */
import { check } from "../core/errors.js";
import { type FourierShellCorrelation, resolutionAngstrom } from "../metrics/fourier-shell-correlation.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, roundedTo } from "./number-text.js";
import { categoryColour, MUTED } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgLine, svgPath, svgText } from "./svg.js";

export interface FscCurve {
  readonly label: string;
  readonly fsc: FourierShellCorrelation;
}

const SIZE = { width: 720, height: 360 };
const PANEL: Panel = { left: 68, top: 60, width: 628, height: 238 };
const THRESHOLDS = [0.5, 0.143] as const;

export function fscCurve(curves: readonly FscCurve[], options: { readonly title?: string } = {}): Figure {
  const { title = "Fourier shell correlation" } = options;
  check(curves.length > 0, "curves", "at least one", curves.length);
  const highest = Math.max(...curves.map(({ fsc }) => fsc.frequency.at(-1)!));
  const lowest = Math.min(0, ...curves.map(({ fsc }) => Math.min(...fsc.correlation.subarray(2))));
  const axes = drawAxes(
    PANEL,
    { label: "frequency (1/Å)", domain: [0, highest], nice: false, tickCount: 6 },
    { label: "correlation", domain: [lowest, 1] },
  );
  const marks = THRESHOLDS.map(
    (t) =>
      svgLine(PANEL.left, axes.y(t), PANEL.left + PANEL.width, axes.y(t), MUTED, 1, "4 4") +
      svgText(PANEL.left + PANEL.width - 4, axes.y(t) - 4, String(t), { size: 10.5, colour: MUTED, anchor: "end" }),
  );
  const lines = curves.map(({ fsc }, c) =>
    svgPath(
      Array.from(fsc.correlation, (v, i): [number, number] => [axes.x(fsc.frequency[i]!), axes.y(v)]).slice(2),
      categoryColour(c),
      2,
    ),
  );
  const legend = svgLegend(
    PANEL.left,
    48,
    curves.slice(0, 6).map(({ label }, c) => [label, categoryColour(c)]),
  );
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, axes.svg + marks.join("") + lines.join("") + legend),
    plotly: {
      data: curves.map(({ label, fsc }, c) => ({
        type: "scatter",
        mode: "lines",
        name: label,
        x: roundedTo(fsc.frequency, 1e-6).slice(2),
        y: roundedTo(fsc.correlation, 1e-4).slice(2),
        text: Array.from(fsc.frequency, (f) => `${numberText(f > 0 ? 1 / f : 0)} Å`).slice(2),
        line: { color: categoryColour(c), width: 2 },
      })),
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis("frequency (1/Å)", { range: [0, highest] }),
        yaxis: plotlyAxis("correlation"),
        shapes: THRESHOLDS.map((t) => ({
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: t,
          y1: t,
          line: { color: MUTED, width: 1, dash: "dash" },
        })),
      }),
    },
    text: [
      title,
      ...curves.map(
        ({ label, fsc }) =>
          `${label}: ${THRESHOLDS.map((t) => `${numberText(resolutionAngstrom(fsc, t))} Å at ${t}`).join(", ")}`,
      ),
    ].join("\n"),
    ...SIZE,
  });
}
