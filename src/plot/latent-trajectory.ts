/** @file Paths through a latent space over its points: frames are numbered from 1, in the order of travel. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { compactNumbers, extent, numberText } from "./number-text.js";
import { categoryColour, MUTED, PAPER, rgb } from "./palette.js";
import { plotlyAxis, plotlyLayout, plotlyText } from "./plotly-layout.js";
import { type Cloud, drawCloud } from "./point-cloud.js";
import { svgCircle, svgDocument, svgLegend, svgPath, svgText } from "./svg.js";

export interface Trajectory extends Cloud {
  readonly label: string;
}

export interface LatentTrajectoryOptions {
  /** @default "Trajectories" */
  readonly title?: string;
  /** @default "UMAP 1" */
  readonly xLabel?: string;
  /** @default "UMAP 2" */
  readonly yLabel?: string;
}

const SIZE = { width: 720, height: 520 };
const PANEL: Panel = { left: 68, top: 66, width: 628, height: 396 };
/** The interactive form shows every n-th of more points than this. */
const LIVE_POINTS = 20_000;

/** `points`: the particles. `paths`: each at least two frames, in the same coordinates. */
export function latentTrajectory(
  points: Cloud,
  paths: readonly Trajectory[],
  options: LatentTrajectoryOptions = {},
): Figure {
  const { title = "Trajectories", xLabel = "UMAP 1", yLabel = "UMAP 2" } = options;
  check(points.x.length > 0 && points.x.length === points.y.length, "points", "as many x as y", points.x.length);
  check(paths.length > 0, "paths", "at least one path", paths.length);
  for (const { label, x, y } of paths)
    check(x.length >= 2 && x.length === y.length, `path ${label}`, "two frames or more", x.length);
  const padded = (axis: "x" | "y"): readonly [number, number] => {
    const ends = [points, ...paths].map((p) => extent(p[axis]));
    const [low, high] = [Math.min(...ends.map(([a]) => a)), Math.max(...ends.map(([, b]) => b))];
    const room = (high - low) * 0.05 || 0.5;
    return [low - room, high + room];
  };
  const axes = drawAxes(
    PANEL,
    { label: xLabel, domain: padded("x"), nice: false },
    { label: yLabel, domain: padded("y"), nice: false },
  );
  const grey = new Array(points.x.length).fill(rgb("#b4bac4"));
  const drawn = paths.map(({ x, y }, p) => {
    const frames = Array.from({ length: x.length }, (_, i): [number, number] => [axes.x(x[i]!), axes.y(y[i]!)]);
    const marks = frames.map(([fx, fy], i) => {
      const number = svgText(fx, fy + 3.4, String(i + 1), {
        size: 9.5,
        anchor: "middle",
        colour: "white",
        weight: 600,
      });
      return svgCircle(fx, fy, 7.5, categoryColour(p), `stroke="${PAPER}" stroke-width="1.2"`) + number;
    });
    return svgPath(frames, categoryColour(p), 2.2) + marks.join("");
  });
  const stride = Math.ceil(points.x.length / LIVE_POINTS);
  const thinned = (values: ArrayLike<number>): number[] =>
    compactNumbers(Array.from(values).filter((_, i) => i % stride === 0));
  const names = paths.slice(0, 8).map(({ label }, p): [string, string] => [label, categoryColour(p)]);
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      axes.svg + drawCloud(points, axes, PANEL, grey) + drawn.join("") + svgLegend(PANEL.left, 52, names),
      `${numberText(points.x.length)} points`,
    ),
    plotly: {
      data: [
        {
          type: points.x.length > 2000 ? "scattergl" : "scatter",
          mode: "markers",
          name: "particles",
          x: thinned(points.x),
          y: thinned(points.y),
          marker: { size: 3, color: MUTED, opacity: 0.4 },
          hoverinfo: "skip",
        },
        ...paths.map(({ label, x, y }, p) => ({
          type: "scatter",
          mode: "lines+markers+text",
          name: plotlyText(label),
          x: compactNumbers(x),
          y: compactNumbers(y),
          text: Array.from({ length: x.length }, (_, i) => String(i + 1)),
          textposition: "top center",
          line: { color: categoryColour(p), width: 3 },
          marker: { color: categoryColour(p), size: 9 },
        })),
      ],
      layout: plotlyLayout(title, SIZE, { xaxis: plotlyAxis(xLabel), yaxis: plotlyAxis(yLabel) }),
    },
    text: [`${title}: ${paths.length} over ${numberText(points.x.length)} points`, ...paths.map(describe)].join("\n"),
    ...SIZE,
  });
}

function describe({ label, x, y }: Trajectory): string {
  const last = x.length - 1;
  const at = (i: number): string => `(${numberText(x[i]!)}, ${numberText(y[i]!)})`;
  return `${label}: ${x.length} frames from ${at(0)} to ${at(last)}`;
}
