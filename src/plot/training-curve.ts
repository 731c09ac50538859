/** @file How a training goes: the loss over the images shown, a logarithmic axis where it falls by more than a factor of ten. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText } from "./number-text.js";
import { categoryColour } from "./palette.js";
import { plotlyAxis, plotlyLayout } from "./plotly-layout.js";
import { svgDocument, svgLegend, svgPath } from "./svg.js";

/** One report of a training, as `EncoderState` is one. */
export interface TrainingStep {
  /** Images shown so far, each visit counting. */
  readonly visits: number;
  readonly loss: number;
  /** What the loss is of; a line each. */
  readonly phase: string;
}

const SIZE = { width: 720, height: 320 };
const PANEL: Panel = { left: 76, top: 60, width: 620, height: 198 };

export function trainingCurve(steps: readonly TrainingStep[], options: { readonly title?: string } = {}): Figure {
  const { title = "Training" } = options;
  const finite = steps.filter(({ loss }) => Number.isFinite(loss));
  check(finite.length > 0, "steps", "at least one report with a finite loss", steps.length);
  const [low, high] = extent(finite.map(({ loss }) => loss));
  const scale = low > 0 && high / low > 10 ? "log" : "linear";
  const most = Math.max(...finite.map(({ visits }) => visits));
  const axes = drawAxes(
    PANEL,
    { label: "images shown", domain: [0, most], nice: false, tickCount: 6 },
    { label: "loss", domain: [low, high], scale, tickCount: 5 },
  );
  const phases = [...new Set(finite.map(({ phase }) => phase))];
  const lines = phases.map((phase, c) => ({
    phase,
    colour: categoryColour(c),
    own: finite.filter((step) => step.phase === phase),
  }));
  const paths = lines.map(({ own, colour }) =>
    svgPath(
      own.map(({ visits, loss }): [number, number] => [axes.x(visits), axes.y(loss)]),
      colour,
      2,
    ),
  );
  const legend = svgLegend(
    PANEL.left,
    48,
    lines.map(({ phase, colour }) => [phase, colour]),
  );
  return makeFigure({
    title,
    svg: svgDocument(SIZE.width, SIZE.height, title, axes.svg + paths.join("") + legend),
    plotly: {
      data: lines.map(({ phase, own, colour }) => ({
        type: "scatter",
        mode: "lines",
        name: phase,
        x: own.map(({ visits }) => visits),
        y: compactNumbers(own.map(({ loss }) => loss)),
        line: { color: colour, width: 2 },
      })),
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyAxis("images shown"),
        yaxis: plotlyAxis("loss", { type: scale }),
      }),
    },
    text: [
      `${title}: ${finite.length} reports over ${numberText(most)} images`,
      ...lines.map(({ phase, own }) => `${phase}: loss ${numberText(own[0]!.loss)} → ${numberText(own.at(-1)!.loss)}`),
    ].join("\n"),
    ...SIZE,
  });
}
