/** @file Contrast transfer functions of a few particles, and the defocus of all of them. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText, roundedTo } from "./number-text.js";
import { AXIS, categoryColour } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgLine, svgPath, svgRect } from "./svg.js";

export interface CtfCurvesData {
  /** 1/Å, rising. */
  readonly frequency: ArrayLike<number>;
  /** A few transfer functions at these frequencies, −1..1. */
  readonly curves: readonly { readonly label: string; readonly values: ArrayLike<number> }[];
  /** Defocus of every particle, Å, underfocus positive. */
  readonly defocusAngstrom: ArrayLike<number>;
}

const SIZE = { width: 720, height: 340 };
const CURVES: Panel = { left: 68, top: 60, width: 370, height: 218 };
const DEFOCUS: Panel = { left: 520, top: 60, width: 176, height: 218 };
const BINS = 24;

export function ctfCurves(data: CtfCurvesData, options: { readonly title?: string } = {}): Figure {
  const { title = "Contrast transfer" } = options;
  const { frequency, curves } = data;
  for (const { label, values } of curves)
    check(values.length === frequency.length, `curve "${label}"`, `${frequency.length} values`, values.length);
  const micrometres = Array.from(data.defocusAngstrom, (d) => d / 1e4);
  const axes = drawAxes(
    CURVES,
    { label: "frequency (1/Å)", domain: [0, extent(frequency)[1]], nice: false },
    { label: "CTF", domain: [-1, 1] },
  );
  const lines = curves.map(({ values }, c) =>
    svgPath(
      Array.from(values, (v, i): [number, number] => [axes.x(frequency[i]!), axes.y(v)]),
      categoryColour(c),
      1.6,
    ),
  );
  const zero = svgLine(CURVES.left, axes.y(0), CURVES.left + CURVES.width, axes.y(0), AXIS);
  const bars = defocusBars(micrometres);
  const legend = svgLegend(
    CURVES.left,
    48,
    curves.slice(0, 4).map(({ label }, c) => [label, categoryColour(c)]),
  );
  const [low, high] = extent(micrometres);
  const subtitle = `${micrometres.length} particles, defocus ${numberText(low)}–${numberText(high)} µm`;
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, axes.svg + zero + lines.join("") + bars + legend, subtitle),
    plotly: {
      data: [
        ...curves.map(({ label, values }, c) => ({
          type: "scatter",
          mode: "lines",
          name: label,
          x: roundedTo(frequency, 1e-5),
          y: roundedTo(values, 1e-3),
          line: { color: categoryColour(c), width: 1.6 },
        })),
        {
          type: "histogram",
          x: compactNumbers(micrometres),
          xaxis: "x2",
          yaxis: "y2",
          nbinsx: BINS,
          showlegend: false,
          marker: { color: categoryColour(0) },
        },
      ],
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis("frequency (1/Å)", { domain: [0, 0.62] }),
        yaxis: plotlyAxis("CTF", { range: [-1, 1] }),
        xaxis2: plotlyAxis("defocus (µm)", { domain: [0.72, 1], anchor: "y2" }),
        yaxis2: plotlyAxis("particles", { anchor: "x2" }),
      }),
    },
    text: [
      `${title}: ${subtitle}`,
      ...curves.map(({ label, values }) => `${label}: first zero at ${firstZero(frequency, values)}`),
    ].join("\n"),
    ...SIZE,
  });
}

function defocusBars(micrometres: readonly number[]): string {
  const [low, high] = extent(micrometres);
  const width = high > low ? (high - low) / BINS : 0.1;
  const start = high > low ? low : low - (BINS * width) / 2;
  const counts = new Array<number>(BINS).fill(0);
  for (const d of micrometres) counts[Math.max(0, Math.min(BINS - 1, Math.floor((d - start) / width)))]!++;
  const axes = drawAxes(
    DEFOCUS,
    { label: "defocus (µm)", domain: [start, start + BINS * width], tickCount: 4 },
    { label: "particles", domain: [0, Math.max(1, ...counts)], tickCount: 4 },
  );
  const bars = counts.map((n, i) => {
    const left = axes.x(start + i * width);
    return n === 0
      ? ""
      : svgRect(
          left,
          axes.y(n),
          Math.max(1, axes.x(start + (i + 1) * width) - left - 1),
          axes.y(0) - axes.y(n),
          categoryColour(0),
        );
  });
  return axes.svg + bars.join("");
}

/** Where the curve first changes sign, as words. */
function firstZero(frequency: ArrayLike<number>, values: ArrayLike<number>): string {
  for (let i = 1; i < values.length; i++)
    if (values[i - 1]! > 0 !== values[i]! > 0) return `${numberText(1 / frequency[i]!)} Å`;
  return "no frequency shown";
}
