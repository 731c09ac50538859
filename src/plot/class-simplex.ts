/**
 * @file Class probabilities of every image as a place between the classes: corners are sure images, the middle is doubt.
 *
 * Corner k of a regular polygon stands for class k; an image lies at the mean of the corners, weighted by its probabilities
 * (a ternary plot for three classes). With four classes and more, different doubts may share a place.
 */
import { check } from "../core/errors.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, percentText, roundedTo } from "./number-text.js";
import { AXIS, categoryColour, rgb } from "./palette.js";
import { plotlyLayout, plotlyNoAxis, plotlyText } from "./plotly-layout.js";
import { drawCloud } from "./point-cloud.js";
import { svgDocument, svgPath, svgText } from "./svg.js";

export interface ClassSimplexOptions {
  /** @default "Between the classes" */
  readonly title?: string;
  /** @default "class 1", "class 2", … */
  readonly labels?: readonly string[];
}

const SIZE = { width: 560, height: 520 };
const PANEL: Panel = { left: 100, top: 90, width: 360, height: 360 };
/** The interactive form shows a random part of more images than this. */
const LIVE_POINTS = 20_000;

/** `posterior`: Float32[count K], each row sums to 1; K of at least 2. */
export function classSimplex(posterior: ArrayLike<number>, K: number, options: ClassSimplexOptions = {}): Figure {
  const { title = "Between the classes" } = options;
  check(K >= 2, "K", "at least two classes", K);
  check(posterior.length > 0 && posterior.length % K === 0, "posterior", `rows of ${K}`, posterior.length);
  const labels = options.labels ?? Array.from({ length: K }, (_, k) => `class ${k + 1}`);
  check(labels.length === K, "labels", `${K} names`, labels.length);
  const count = posterior.length / K;
  const corners = Array.from({ length: K }, (_, k): [number, number] => {
    const angle = 2 * Math.PI * (k / K) + (K === 2 ? Math.PI : 0);
    return K === 2 ? [Math.cos(angle), 0] : [Math.sin(angle), Math.cos(angle)];
  });
  const [x, y, best] = [new Float64Array(count), new Float64Array(count), new Int32Array(count)];
  for (let i = 0; i < count; i++)
    for (let k = 0; k < K; k++) {
      const p = posterior[i * K + k]!;
      x[i]! += p * corners[k]![0];
      y[i]! += p * corners[k]![1];
      if (p > posterior[i * K + best[i]!]!) best[i] = k;
    }
  const place = {
    x: (v: number): number => PANEL.left + ((v + 1) / 2) * PANEL.width,
    y: (v: number): number => PANEL.top + ((1 - v) / 2) * PANEL.height,
  };
  const rim = [...corners, corners[0]!].map(([cx, cy]): [number, number] => [place.x(cx), place.y(cy)]);
  const names = labels.map((label, k) => {
    const [cx, cy] = corners[k]!;
    const anchor = cx > 0.2 ? "start" : cx < -0.2 ? "end" : "middle";
    const at = [place.x(1.07 * cx), place.y(1.07 * cy) + (cy > 0.2 ? -4 : cy < -0.2 ? 12 : 4)] as const;
    return svgText(at[0], at[1], label, { size: 12, weight: 600, anchor, colour: categoryColour(k) });
  });
  const colours = Array.from(best, (k) => rgb(categoryColour(k)));
  const shown =
    count <= LIVE_POINTS ? [...x.keys()] : [...shuffledIndices(count, seededRandom(1))].slice(0, LIVE_POINTS);
  return makeFigure({
    title,
    svg: svgDocument(
      SIZE.width,
      SIZE.height,
      title,
      svgPath(rim, AXIS, 1.2) + drawCloud({ x, y }, place, PANEL, colours) + names.join(""),
      `${numberText(count)} images`,
    ),
    plotly: {
      data: labels.map((label, k) => {
        const rows = shown.filter((i) => best[i] === k);
        return {
          type: shown.length > 2000 ? "scattergl" : "scatter",
          mode: "markers",
          name: plotlyText(label),
          x: roundedTo(
            rows.map((i) => x[i]!),
            1e-3,
          ),
          y: roundedTo(
            rows.map((i) => y[i]!),
            1e-3,
          ),
          customdata: rows, // the image's index, 0-based
          marker: { size: 4, opacity: 0.7, color: categoryColour(k) },
        };
      }),
      layout: plotlyLayout(title, SIZE, {
        xaxis: plotlyNoAxis([-1.3, 1.3]),
        yaxis: plotlyNoAxis([-1.2, 1.2], { scaleanchor: "x" }),
        shapes: corners.map(([cx, cy], k) => {
          const [nx, ny] = corners[(k + 1) % K]!;
          return { type: "line", x0: cx, y0: cy, x1: nx, y1: ny, line: { color: AXIS, width: 1 } };
        }),
        annotations: labels.map((label, k) => {
          const [cx, cy] = corners[k]!;
          return { x: 1.12 * cx, y: 1.12 * cy, text: plotlyText(label), showarrow: false };
        }),
        showlegend: false,
      }),
    },
    text: [
      `${title}: ${numberText(count)} images`,
      ...labels.map((label, k) => describe(label, k, posterior, best, K)),
    ].join("\n"),
    ...SIZE,
  });
}

function describe(label: string, k: number, posterior: ArrayLike<number>, best: Int32Array, K: number): string {
  let [images, sum] = [0, 0];
  best.forEach((b, i) => {
    if (b !== k) return;
    images++;
    sum += posterior[i * K + k]!;
  });
  return images === 0
    ? `${label}: none`
    : `${label}: ${numberText(images)} images, mean probability ${percentText(sum / images)}`;
}
