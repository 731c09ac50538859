/**
 * @file What can be said for a state: how many particles, seen from where, and the map that they alone make.
 *
 * The map is a back-projection of the state's own images at the run's poses, so that it owes nothing to the decoder; it is
 * compared with the class map the network made, and its halves with each other. The halves share poses that one run found:
 * their FSC shows what the images support at these poses, not a gold-standard resolution.
 */
import { check } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import type { Volume } from "../core/types.js";
import { type BackProjection, backProject } from "../imaging/back-projection.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { particleSet, positionsOf } from "../latent/particle-set.js";
import { pointsAt } from "../latent/points.js";
import { type Selection, selectionRows } from "../latent/selection.js";
import { binomialInterval } from "../metrics/binomial-interval.js";
import { type FourierShellCorrelation, fourierShellCorrelation } from "../metrics/fourier-shell-correlation.js";
import { type HalfMapResolution, halfMapResolution } from "../metrics/half-map-resolution.js";
import { type PoseDistribution, poseDistribution, poseLeakage } from "../metrics/pose-distribution.js";
import { sphericalMask } from "../metrics/soft-mask.js";
import { chosenRotations } from "./chosen-rotations.js";
import type { Run } from "./open-run.js";
import { openRunInput, type RunInputOptions } from "./open-run-input.js";
import { runFolder } from "./run-folder.js";
import { workingSet } from "./working-set.js";

export interface ValidateStateOptions extends RunInputOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface StateValidation {
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
  readonly backProjection: BackProjection;
  /** Of the halves, within the particle's sphere, corrected for the mask. */
  readonly resolution: HalfMapResolution;
  readonly classMap: Volume;
  /** Of the class map with the state's own map, within the sphere: a state that differs from the class differs here. */
  readonly classMapFsc: FourierShellCorrelation;
}

/** Fewer images leave whole directions of the transform empty. */
const LEAST_PARTICLES = 20;

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
  const backProjection = await backProjectRows(run, rows, options);
  const { box, pixelSizeAngstrom } = backProjection.map;
  const mask = sphericalMask(
    { box, pixelSizeAngstrom },
    { radiusAngstrom: run.manifest.settings.diameterAngstrom / 2 },
  );
  const classMap = run.volumes()[classNumber - 1]!;
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
    backProjection,
    resolution: halfMapResolution(...backProjection.halves, { mask }),
    classMap,
    classMapFsc: fourierShellCorrelation(classMap, backProjection.map, { mask }),
  };
}

/** The working set of the run is taken from its folder, or prepared again where it was deleted. */
async function backProjectRows(run: Run, rows: Int32Array, options: ValidateStateOptions): Promise<BackProjection> {
  const { settings, machinery } = run.manifest;
  const { particles, dataDir, ...hooks } = options;
  const source = await openRunInput(run.manifest, {
    ...(particles !== undefined && { particles }),
    ...(dataDir !== undefined && { dataDir }),
  });
  try {
    const table = run.particles();
    const places = positionsOf(
      particleSet(source),
      Array.from(rows, (i) => table.keys[i]!),
      source.path,
    );
    const set = await workingSet(source, runFolder(run.folder), { settings, machinery, ...hooks });
    const { poses } = table.assignments;
    const reader = openPrepared(set);
    // Halves by turns within the state: by position in the whole list one half of a small state might be empty.
    const halfOf = new Uint8Array(set.count);
    places.forEach((i, n) => {
      halfOf[i] = n % 2;
    });
    try {
      const shiftsAngstrom = pointsAt(poses.shiftsAngstrom, 2, rows);
      const chosen = { rotations: chosenRotations(poses.rotations, Array.from(rows)), shiftsAngstrom };
      return backProject(reader, chosen, { images: places, halfOf, ...hooks });
    } finally {
      reader.close();
    }
  } finally {
    source.close();
  }
}
