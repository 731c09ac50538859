/**
 * @file The two steps of EM for a linear subspace (probabilistic PCA, Tipping & Bishop 1999, with poses).
 *
 * E: every image's z, and if asked its pose, by joint-climb.ts. M: mean and modes from the images' moments, masked to the
 * particle, freed of rigid parts, turned to principal axes, and filtered by the agreement of half-sets, by shell and by place.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { Volume } from "../core/types.js";
import { type FourierRaster, rasterFromVolume } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import { leastBox, withinSphere } from "../imaging/wiener-raster.js";
import { emptyImage } from "../pose/loaded-image.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { type CoreTurns, takeTurn } from "./core-turns.js";
import { displaceInto } from "./displaced-image.js";
import { filtered, halfSetCorrelation, reliability } from "./half-set-filter.js";
import { loadIndependentInto } from "./independent-image.js";
import { createJointClimber, type JointEstimate } from "./joint-climb.js";
import { type LinearSubspace, subspaceOf } from "./linear-subspace.js";
import { localReliability } from "./local-reliability.js";
import { particleMask } from "./particle-mask.js";
import { innerProduct, withoutRigidParts } from "./rigid-directions.js";
import { solveSubspace } from "./solve-subspace.js";
import { type SubspaceImages, transform } from "./subspace-images.js";
import { addToSubspace, newSubspaceSums, type SubspaceSums, sealSubspace } from "./subspace-sums.js";

const OVERSAMPLING = 2;
/** Modes are filtered by place from this resolution on, periods across the particle: below it places are not told apart. */
const LOCAL_PERIODS = 8.4;

/** What stays from one M step to the next at one resolution. */
export interface StepMemory {
  /** Float32[box box box] of the grid that the radius needs. */
  mask?: Float32Array;
}

/**
 * New conformations, and poses in at most `poseSteps` steps (0: held), of the images in `rows` of the state (all of them
 * unless given). `turns`: each takes one of those first.
 */
export function expectationStep(
  reader: PreparedReader,
  state: SubspaceImages,
  subspace: LinearSubspace,
  poseSteps: number,
  rows: Iterable<number> = state.evidence.keys(),
  turns?: CoreTurns,
): void {
  const { zDim } = state;
  const points = reader.points(subspace.radius);
  const climber = createJointClimber(subspace, reader.plane, points);
  const image = emptyImage(points);
  for (const i of rows) {
    loadIndependentInto(image, reader, state.images[i]!);
    const pose = state.poses.subarray(i * POSE_STRIDE, (i + 1) * POSE_STRIDE);
    const z = state.z.subarray(i * zDim, (i + 1) * zDim);
    const taken = turns && takeTurn(climber, image, pose, z, turns);
    const held = (): JointEstimate => taken?.estimate ?? climber.solve(image, pose, z);
    const found = poseSteps > 0 ? climber.climb(image, pose, z, poseSteps) : held();
    state.covariance.set(found.covariance, i * zDim * zDim);
    state.evidence[i] = found.evidence + (taken?.spread ?? 0);
  }
}

/** The subspace that explains the images best. z is turned to its principal axes with the modes, strongest first. */
export function maximisationStep(
  reader: PreparedReader,
  state: SubspaceImages,
  radius: number,
  memory: StepMemory,
): LinearSubspace {
  return crossFitted(reader, state, radius, memory).whole;
}

/** A subspace of all images, and for each of `folds` parts of them (row modulo `folds`) that of all other images. */
export interface CrossFit {
  readonly whole: LinearSubspace;
  readonly without: (fold: number, folds: number) => LinearSubspace;
}

/**
 * The M step, on all images and, when asked, on all but a part of them. An image takes part in its own modes: z under them
 * follows the image's own noise and looks more certain than it is. Under modes of other images the posterior is what it says:
 * filtered by their reliability, the modes are their own posterior means. So with the mean, on whose share of its own noise a
 * pose would stand still.
 */
export function crossFitted(
  reader: PreparedReader,
  state: SubspaceImages,
  radius: number,
  memory: StepMemory,
): CrossFit {
  const { set } = reader;
  const given = { ...state, z: state.z.slice(), covariance: state.covariance.slice() };
  const halves = [0, 1].map((half) => summed(reader, given, radius, (i) => i % 2 === half));
  const all = combined(halves[0]!, halves[1]!, 1);
  const box = leastBox(radius);
  const grid = { box, pixelSizeAngstrom: (set.box * set.pixelSizeAngstrom) / box };
  const power = Float64Array.from(set.signalEnvelope, (s) => s * s);
  const maps = solveSubspace(all, grid, power);
  memory.mask ??= particleMask(maps[0]!, set.diameterAngstrom);
  const { mask } = memory;
  // The mean fills the sphere: density cut off it would come back in z, by viewing direction.
  const meanOf = ([volume]: readonly Volume[]): FourierRaster =>
    rasterFromVolume(withinSphere(volume!, set.diameterAngstrom), radius, OVERSAMPLING);
  const mean = meanOf(maps);
  const within = (volume: Volume, weight: Float32Array): FourierRaster =>
    rasterFromVolume({ ...volume, values: volume.values.map((v, i) => v * weight[i]!) }, radius, OVERSAMPLING);
  const modesOf = (volumes: readonly Volume[]): FourierRaster[] =>
    volumes.slice(1).map((volume) => within(volume, mask));
  const free = withoutRigidParts(mean, modesOf(maps));
  const axes = principalAxes(free);
  transform(state, axes);
  const [first, second] = halves.map((half) => mixed(modesOf(solveSubspace(half, grid, power)), axes));
  const agreement = free.map((_, j) => halfSetCorrelation(first![j]!, second![j]!));
  const periodsAcross = (radius * set.diameterAngstrom) / (set.box * set.pixelSizeAngstrom);
  const filteredVolume = (mode: FourierRaster, j: number, share: number): Volume =>
    volumeFromRaster(filtered(mode, reliability(agreement[j]!, share)), { ...grid, undoKernel: true });
  const places = free.map((_, j) =>
    periodsAcross < LOCAL_PERIODS
      ? undefined
      : localReliability(filteredVolume(first![j]!, j, 1), filteredVolume(second![j]!, j, 1)),
  );
  const reliable = (middle: FourierRaster, of: readonly FourierRaster[], share: number): LinearSubspace =>
    subspaceOf([
      middle,
      ...of.map((mode, j) => {
        const where = places[j];
        if (where === undefined) return filtered(mode, reliability(agreement[j]!, share));
        return within(filteredVolume(mode, j, share), where);
      }),
    ]);
  return {
    whole: reliable(mean, mixed(free, axes), 1),
    without: (fold, folds) => {
      const left = summed(reader, given, radius, (i) => i % folds === fold);
      const others = solveSubspace(combined(all, left, -1), grid, power);
      const theirs = meanOf(others);
      return reliable(theirs, mixed(withoutRigidParts(theirs, modesOf(others)), axes), (folds - 1) / folds);
    },
  };
}

/** What the images of the rows that are `wanted` say. */
function summed(
  reader: PreparedReader,
  state: SubspaceImages,
  radius: number,
  wanted: (row: number) => boolean,
): SubspaceSums {
  const { zDim, poses } = state;
  const { plane } = reader;
  const points = reader.points(radius);
  const image = emptyImage(points);
  const y = new Float32Array(2 * points);
  const modes = 1 + zDim;
  const moments = new Float64Array(modes + (modes * (modes + 1)) / 2);
  const a = new Float64Array(modes);
  const out = newSubspaceSums(zDim, radius, OVERSAMPLING);
  for (let i = 0; i < state.images.length; i++) {
    if (!wanted(i)) continue;
    loadIndependentInto(image, reader, state.images[i]!);
    const pose = poses.subarray(i * POSE_STRIDE, (i + 1) * POSE_STRIDE);
    displaceInto(y, image.y, plane, points, pose[6]!, pose[7]!);
    a[0] = 1;
    a.set(state.z.subarray(i * zDim, (i + 1) * zDim), 1);
    moments.set(a);
    for (let u = 0, q = modes; u < modes; u++)
      for (let v = u; v < modes; v++, q++)
        moments[q] = a[u]! * a[v]! + (u > 0 ? state.covariance[(i * zDim + u - 1) * zDim + v - 1]! : 0);
    addToSubspace(out, plane, { y, squares: image.squares }, pose, moments);
  }
  sealSubspace(out);
  return out;
}

/** a + sign · b */
function combined(a: SubspaceSums, b: SubspaceSums, sign: 1 | -1): SubspaceSums {
  return { ...a, sums: a.sums.map((v, i) => v + sign * b.sums[i]!) };
}

/** Rows: principal axes of the modes as maps, strongest first. */
function principalAxes(modes: readonly FourierRaster[]): Matrix {
  const n = modes.length;
  if (n === 0) return Matrix.zeros(0, 0);
  const gram = new Matrix(modes.map((a) => modes.map((b) => innerProduct(a.values, b.values))));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return new Matrix(order.map((column) => eigenvectorMatrix.getColumn(column)));
}

/** Σ_j axes[u][j] modes[j] for every row u. */
function mixed(modes: readonly FourierRaster[], axes: Matrix): readonly FourierRaster[] {
  return Array.from({ length: axes.rows }, (_, u) => {
    const values = new Float32Array(modes[0]!.values.length);
    modes.forEach((mode, j) => {
      const weight = axes.get(u, j);
      for (let i = 0; i < values.length; i++) values[i]! += weight * mode.values[i]!;
    });
    return { ...modes[0]!, values };
  });
}
