/** @file The pose error of one species of a mixture, over the class that holds most of it. */
import { RADIANS_PER_DEGREE } from "../../../src/core/constants.js";
import {
  geodesicRad,
  type Matrix3,
  multiply,
  rotationAt,
  rotationFromVector,
  rotationsOf,
  transpose,
} from "../../../src/geometry/rotation.js";
import type { Truth } from "../../../src/imaging/simulate.js";
import { median } from "../../../src/metrics/quantile.js";
import { rotationError } from "../../../src/metrics/rotation-error.js";
import { FOLD } from "../../support/species.js";
import type { Found } from "./trial.js";

/** The class of most images of species `s`, and the median rotation error of those, the least over the axis of `name`. */
export function speciesError(
  name: string,
  s: number,
  { assignments }: Pick<Found, "assignments">,
  truths: readonly Truth[],
): { readonly home: number; readonly degrees: number } {
  const { classes, poses } = assignments;
  const ofSpecies = truths.flatMap(({ species }, i) => (species === s && classes[i]! >= 0 ? [i] : []));
  const home = mostCommon(ofSpecies.map((i) => classes[i]!));
  const members = ofSpecies.filter((i) => classes[i] === home);
  const rotations = members.map((i) => rotationAt(poses.rotations, i));
  const truth = members.map((i) => truths[i]!.rotation);
  return { home, degrees: leastError(rotations, truth, FOLD[name] ?? 1) / RADIANS_PER_DEGREE };
}

/** Median error, rad, the least over `fold` turns about z of the truth; frame from one image, over both hands. */
function leastError(found: readonly Matrix3[], truth: readonly Matrix3[], fold: number): number {
  if (fold === 1) return median(rotationError(rotationsOf(found), rotationsOf(truth)).errorsRad);
  const turns = Array.from({ length: fold }, (_, j) => rotationFromVector([0, 0, (2 * Math.PI * j) / fold]));
  let best = Infinity;
  for (const hand of [1, -1]) {
    const seen = found.map((r) => multiply([1, 0, 0, 0, 1, 0, 0, 0, hand], r));
    for (let anchor = 0; anchor < Math.min(100, found.length); anchor++) {
      const frame = multiply(transpose(seen[anchor]!), truth[anchor]!);
      const errors = seen.map((r, i) => {
        const here = multiply(r, frame);
        return Math.min(...turns.map((turn) => geodesicRad(here, multiply(truth[i]!, turn))));
      });
      best = Math.min(best, median(errors));
    }
  }
  return best;
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
