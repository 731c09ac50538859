/** @file What can be said for a state: how many particles, seen from where, and the map that they alone make (data-maps.ts). */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { pointsAt } from "../latent/points.js";
import { type Selection, selectionRows } from "../latent/selection.js";
import { binomialInterval } from "../metrics/binomial-interval.js";
import { type PoseDistribution, poseDistribution, poseLeakage } from "../metrics/pose-distribution.js";
import { chosenRotations } from "./chosen-rotations.js";
import { type DataMaps, dataMaps, LEAST_PARTICLES } from "./data-maps.js";
import type { Run } from "./open-run.js";
import { type RunImagesOptions, withRunImages } from "./run-images.js";

export interface ValidateStateOptions extends RunImagesOptions {}

export interface StateValidation extends DataMaps {
  readonly kind: "state-validation";
  /** All particles of the state lie in this class, numbered from 1. */
  readonly classNumber: number;
  readonly count: number;
  /** Particles of the class. */
  readonly of: number;
  /** 95 % bootstrap interval of the count. */
  readonly interval: readonly [low: number, high: number];
  readonly poses: PoseDistribution;
  /** How far each coordinate of z follows the viewing direction, over the class; about 0 where it does not. */
  readonly leakage: Float64Array;
  /** A state that differs from its class differs in `classMapFsc`. */
  readonly classMap: Volume;
}

/** Validate the particles of `selection`, which lie in one class of the run. Reads their images. */
export async function validateState(
  run: Run,
  selection: Selection,
  options: ValidateStateOptions = {},
): Promise<StateValidation> {
  const particles = run.particles();
  const { zDim, assignments } = particles;
  const rows = selectionRows(selection, particles);
  check(rows.length >= LEAST_PARTICLES, "selection", `at least ${LEAST_PARTICLES} particles`, rows.length);
  const classes = [...new Set(Array.from(rows, (i) => assignments.classes[i]! + 1))];
  check(
    classes.length === 1,
    "selection",
    "particles of one class",
    `of classes ${classes.sort().join(", ")}`,
    "each class has a frame of its own: take both(selection, selectClass(particles, k))",
  );
  const [classNumber] = classes as [number];
  const classRows = [...assignments.classes.keys()].filter((i) => assignments.classes[i] === classNumber - 1);
  const rotations = chosenRotations(assignments.poses.rotations, Array.from(rows));
  const classMap = run.volumes()[classNumber - 1]!;
  const { onProgress, signal } = options;
  const hooks = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  const maps = await withRunImages(run, options, (reader, placesOf) =>
    dataMaps(reader, assignments.poses, Array.from(rows), classMap, { places: placesOf(rows), ...hooks }),
  );
  const enough = zDim > 0 && classRows.length >= LEAST_PARTICLES;
  return {
    kind: "state-validation",
    classNumber,
    count: rows.length,
    of: classRows.length,
    interval: binomialInterval(rows.length, classRows.length),
    poses: poseDistribution(rotations),
    leakage: enough
      ? poseLeakage(
          chosenRotations(assignments.poses.rotations, classRows),
          pointsAt(assignments.z, zDim, classRows),
          zDim,
        )
      : new Float64Array(0),
    ...maps,
    classMap,
  };
}
