/**
 * @file An outline drawn in a figure, as a short text that stands in a notebook: `1f0c9a2b 1.25,3.5 2,3.25 2.1,4`.
 *
 * First the figure's points, hashed, so that an outline is never laid over others; then the corners, in the units of the
 * figure, to four digits of its size.
 */
import { createHash } from "node:crypto";
import { check } from "#iolaus/core/errors.js";

export type Corner = readonly [x: number, y: number];

/** Points of a figure: as many of x as of y. */
export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Outlines with more corners are thinned. */
const MOST_CORNERS = 80;

/** What the points are, in eight digits; rounding of the last bits does not change it. */
export function pointsMark({ x, y }: Points): string {
  const step = 1e-4 * size({ x, y });
  const hash = createHash("sha256");
  for (const values of [x, y]) hash.update(Float64Array.from(values, (v) => Math.round(v / step)));
  return hash.digest("hex").slice(0, 8);
}

/** Digits after the point that a corner is given with. */
export function tokenDigits(points: Points): number {
  return Math.max(0, 4 - Math.ceil(Math.log10(size(points))));
}

/** The token of an outline. */
export function outlineToken(points: Points, corners: readonly Corner[]): string {
  const digits = tokenDigits(points);
  const every = Math.max(1, Math.ceil(corners.length / MOST_CORNERS));
  const kept = corners.filter((_, i) => i % every === 0);
  return [
    pointsMark(points),
    ...kept.map(([x, y]) => `${Number(x.toFixed(digits))},${Number(y.toFixed(digits))}`),
  ].join(" ");
}

/** The corners of a token; refuses one of other points, and what is no token. */
export function readToken(token: string, points: Points): Corner[] {
  const [mark, ...pairs] = token.trim().split(/\s+/);
  const corners = pairs.map((pair) => pair.split(",").map(Number));
  const isToken = corners.length >= 3 && corners.every((c) => c.length === 2 && c.every(Number.isFinite));
  check(
    isToken,
    "selection",
    'an outline as a figure gives it, "1f0c9a2b 1.25,3.5 2,3.25 2.1,4"',
    JSON.stringify(token.slice(0, 80)),
  );
  const expected = pointsMark(points);
  check(
    mark === expected,
    "selection",
    `an outline drawn over these points (${expected})`,
    mark,
    "draw it again by selection()",
  );
  return corners as unknown as Corner[];
}

/** The longer side of the picture. */
function size({ x, y }: Points): number {
  const range = (values: ArrayLike<number>): number => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < values.length; i++) [low, high] = [Math.min(low, values[i]!), Math.max(high, values[i]!)];
    return high - low;
  };
  return Math.max(range(x), range(y)) || 1;
}
