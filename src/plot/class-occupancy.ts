/** @file How many images each class holds. Classes are numbered from 1. */
import { check } from "../core/errors.js";
import { drawAxes, type Panel } from "./axes.js";
import { type Figure, makeFigure } from "./figure.js";
import { numberText, percentText, roundedTo } from "./number-text.js";
import { categoryColour, MUTED } from "./palette.js";
import { plotlyAxis, plotlyLayout, plotlyText } from "./plotly-layout.js";
import { svgDocument, svgRect, svgText } from "./svg.js";

export interface ClassOccupancyOptions {
  /** @default "Class occupancy" */
  readonly title?: string;
  /** @default "class 1", "class 2", … */
  readonly labels?: readonly string[];
}

/** `occupancy`: images (or sums of probabilities) of each class. */
export function classOccupancy(occupancy: ArrayLike<number>, options: ClassOccupancyOptions = {}): Figure {
  const { title = "Class occupancy" } = options;
  const counts = Array.from(occupancy);
  check(counts.length > 0, "occupancy", "at least one class", counts.length);
  for (const n of counts) check(Number.isFinite(n) && n >= 0, "occupancy", "non-negative numbers", n);
  const labels = options.labels ?? counts.map((_, k) => `class ${k + 1}`);
  check(labels.length === counts.length, "labels", `${counts.length} names`, labels.length);
  const total = counts.reduce((sum, n) => sum + n, 0);
  const share = (n: number): number => (total === 0 ? 0 : n / total);
  const size = { width: Math.max(420, Math.min(960, 120 + 110 * counts.length)), height: 320 };
  const panel: Panel = { left: 72, top: 56, width: size.width - 96, height: 206 };
  const axes = drawAxes(
    panel,
    {
      label: "",
      domain: [0, counts.length],
      nice: false,
      ticks: labels.map((label, k): [number, string] => [k + 0.5, label]),
    },
    { label: "images", domain: [0, Math.max(1, ...counts)] },
  );
  const bars = counts.map((n, k) => {
    const [left, right] = [axes.x(k + 0.16), axes.x(k + 0.84)];
    return (
      svgRect(left, axes.y(n), right - left, axes.y(0) - axes.y(n), categoryColour(k), `rx="3"`) +
      svgText((left + right) / 2, axes.y(n) - 6, percentText(share(n)), { size: 11, colour: MUTED, anchor: "middle" })
    );
  });
  return makeFigure({
    title,
    svg: svgDocument(
      size.width,
      size.height,
      title,
      axes.svg + bars.join(""),
      `${numberText(Math.round(total))} images`,
    ),
    plotly: {
      data: [
        {
          type: "bar",
          x: labels.map(plotlyText),
          y: roundedTo(counts, 0.01),
          text: counts.map((n) => percentText(share(n))),
          marker: { color: counts.map((_, k) => categoryColour(k)) },
        },
      ],
      layout: plotlyLayout(title, size, { xaxis: plotlyAxis(""), yaxis: plotlyAxis("images") }),
    },
    text: [
      `${title}: ${numberText(Math.round(total))} images`,
      ...counts.map((n, k) => `${labels[k]}: ${numberText(Math.round(n))} (${percentText(share(n))})`),
    ].join("\n"),
    ...size,
  });
}
