/**
 * @file Turns under which a class looks the same before its motion is known: the point group of its map.
 *
 * Poses of such a class are known up to a turn. Where the particle is symmetric in truth nothing is lost by asking; where its
 * core alone is, each image's frame is found with the motion (conformation/core-turns.ts).
 */
import type { CoreTurn } from "../conformation/core-turns.js";
import { multiply, rotationAt, transpose } from "../geometry/rotation.js";
import { symmetryOperators } from "../geometry/symmetry.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import { detectSymmetry } from "../metrics/detect-symmetry.js";
import type { MixtureRun } from "./mixture-run.js";

/** Each turn of an image costs as much as its conformation does. */
const MOST_TURNS = 6;

/** The turns of class k, the identity among them; undefined where it has none, or too many to ask each image for. */
export function classTurns(
  { set, references }: Pick<MixtureRun, "set" | "references">,
  k: number,
): readonly CoreTurn[] | undefined {
  const reference = references[k];
  if (reference === undefined) return undefined;
  const { box, pixelSizeAngstrom, noiseSigma: gain } = set;
  const { radius } = reference;
  const map = volumeFromRaster(reference, { box, pixelSizeAngstrom, radius, gain, undoKernel: true });
  const { group, frame, centreAngstrom } = detectSymmetry(map);
  if (frame === null || centreAngstrom === null) return undefined;
  const operators = symmetryOperators(group);
  if (operators.count > MOST_TURNS) return undefined;
  const centre = centreAngstrom.map((c) => c / pixelSizeAngstrom);
  return Array.from({ length: operators.count }, (_, i) => {
    const rotation = multiply(multiply(frame, rotationAt(operators, i)), transpose(frame));
    const offset = [0, 1, 2].map((a) => centre[a]! - centre.reduce((sum, c, b) => sum + rotation[3 * a + b]! * c, 0));
    return { rotation, offsetPixels: offset as [number, number, number] };
  });
}
