/** @file A pair of labelled axes with a light grid (ticks: d3-scale). */
import { type ScaleLinear, type ScaleLogarithmic, scaleLinear, scaleLog } from "d3-scale";
import { AXIS, GRID, INK, MUTED } from "./palette.js";
import { svgLine, svgText } from "./svg.js";

/** Where a panel lies, pixels. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axis {
  /** With its unit: "frequency (1/Å)". */
  readonly label: string;
  readonly domain: readonly [low: number, high: number];
  /** Extend the domain to round numbers. @default true */
  readonly nice?: boolean;
  /** @default "linear" */
  readonly scale?: "linear" | "log";
  /** Rather than round numbers: values and the words for them. @default none */
  readonly ticks?: readonly (readonly [value: number, label: string])[];
  /** About how many ticks. @default 5 */
  readonly tickCount?: number;
}

export interface Axes {
  /** Grid, ticks and labels. Draw it before the data. */
  readonly svg: string;
  /** Pixels of a value. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

export function drawAxes(panel: Panel, xAxis: Axis, yAxis: Axis): Axes {
  const { left, top, width, height } = panel;
  const x = scaleOf(xAxis, left, left + width);
  const y = scaleOf(yAxis, top + height, top);
  const vertical = ticksOf(xAxis, x).map(([value, label]) => {
    const at = x(value);
    const line = xAxis.ticks === undefined ? svgLine(at, top, at, top + height, GRID) : "";
    return line + svgText(at, top + height + 17, label, { size: 11, colour: MUTED, anchor: "middle" });
  });
  const horizontal = ticksOf(yAxis, y).map(([value, label]) => {
    const at = y(value);
    const line = yAxis.ticks === undefined ? svgLine(left, at, left + width, at, GRID) : "";
    return line + svgText(left - 7, at + 3.8, label, { size: 11, colour: MUTED, anchor: "end" });
  });
  const frame =
    svgLine(left, top + height, left + width, top + height, AXIS) + svgLine(left, top, left, top + height, AXIS);
  const names =
    svgText(left + width / 2, top + height + 36, xAxis.label, { size: 12, colour: INK, anchor: "middle" }) +
    svgText(left - 46, top + height / 2, yAxis.label, { size: 12, colour: INK, anchor: "middle", turnDeg: -90 });
  return { svg: vertical.join("") + horizontal.join("") + frame + names, x: (v) => x(v), y: (v) => y(v) };
}

type Scale = ScaleLinear<number, number> | ScaleLogarithmic<number, number>;

function scaleOf(axis: Axis, from: number, to: number): Scale {
  const [low, high] = axis.domain;
  const [a, b] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const scale = (axis.scale === "log" ? scaleLog() : scaleLinear()).domain([a, b]).range([from, to]);
  return axis.nice === false ? scale : scale.nice();
}

function ticksOf(axis: Axis, scale: Scale): readonly (readonly [number, string])[] {
  if (axis.ticks !== undefined) return axis.ticks;
  const count = axis.tickCount ?? 5;
  const format = scale.tickFormat(count);
  return scale.ticks(count).map((value): [number, string] => [value, format(value).replace("−", "-")]);
}
