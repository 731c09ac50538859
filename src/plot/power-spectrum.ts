/** @file Mean power of images at each frequency, with the places where the mean CTF is 0. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { extent, numberText, roundedTo } from "./number-text.js";
import { categoryColour, MUTED } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLine, svgPath } from "./svg.js";

export interface PowerSpectrumData {
  /** 1/Å, rising. */
  readonly frequency: ArrayLike<number>;
  /** At these frequencies; positive, or left out. */
  readonly power: ArrayLike<number>;
  /** 1/Å, where the CTF of the mean defocus is 0. @default none */
  readonly zeros?: ArrayLike<number>;
}

const SIZE = { width: 720, height: 320 };
const PANEL: Panel = { left: 68, top: 56, width: 628, height: 204 };

export function powerSpectrum(data: PowerSpectrumData, options: { readonly title?: string } = {}): Figure {
  const { title = "Power spectrum" } = options;
  const { frequency, power } = data;
  check(power.length === frequency.length, "power", `${frequency.length} values`, power.length);
  const shown = Array.from(frequency, (f, i): [number, number] => [f, power[i]!]).filter(([, p]) => p > 0);
  check(shown.length > 1, "power", "at least two positive values", shown.length);
  const decibels = shown.map(([f, p]): [number, number] => [f, 10 * Math.log10(p)]);
  const [low, high] = extent(decibels.map(([, d]) => d));
  const last = shown.at(-1)![0];
  const zeros = Array.from(data.zeros ?? []).filter((f) => f < last);
  const axes = drawAxes(
    PANEL,
    { label: "frequency (1/Å)", domain: [0, last], nice: false },
    { label: "power (dB)", domain: [low, high] },
  );
  const marks = zeros.map((f) => svgLine(axes.x(f), PANEL.top, axes.x(f), PANEL.top + PANEL.height, MUTED, 1, "3 3"));
  const line = svgPath(
    decibels.map(([f, d]): [number, number] => [axes.x(f), axes.y(d)]),
    categoryColour(0),
    1.8,
  );
  const subtitle = zeros.length > 0 ? "dashed: zeros of the CTF at the mean defocus" : "";
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, axes.svg + marks.join("") + line, subtitle),
    plotly: {
      data: [
        {
          type: "scatter",
          mode: "lines",
          name: "power",
          x: roundedTo(
            decibels.map(([f]) => f),
            1e-6,
          ),
          y: roundedTo(
            decibels.map(([, d]) => d),
            1e-3,
          ),
          line: { color: categoryColour(0), width: 1.8 },
        },
      ],
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis("frequency (1/Å)", { range: [0, last] }),
        yaxis: plotlyAxis("power (dB)"),
        shapes: zeros.map((f) => ({
          type: "line",
          yref: "paper",
          x0: f,
          x1: f,
          y0: 0,
          y1: 1,
          line: { color: MUTED, width: 1, dash: "dash" },
        })),
      }),
    },
    text: [
      `${title}: ${numberText(high - low)} dB from the strongest to the weakest frequency`,
      `CTF zeros at ${
        zeros.length > 0
          ? `${zeros
              .slice(0, 5)
              .map((f) => numberText(1 / f))
              .join(", ")} Å`
          : "no frequency shown"
      }`,
    ].join("\n"),
    ...SIZE,
  });
}
