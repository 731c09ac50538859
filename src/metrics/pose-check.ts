/**
 * @file Whether the poses of a set belong to its images, and if not, what is wrong with them.
 *
 * Either half of the images is back-projected with the poses as they are, with each fault undone, and with poses dealt
 * to other images at random. A map is judged on the images of the *other* half, by what it explains of each:
 *
 *     gain = Σ Re(x* C S) − ½ Σ |C S|²          x whitened, S the map's slice at the image's pose
 *
 * the log-likelihood it adds to that of no particle at all. What explains most is right; what explains no more than
 * poses of other images do belongs to other images.
 */
import { check } from "../core/errors.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { Poses } from "../core/types.js";
import { rasterFromAccumulators } from "../imaging/accumulated-volume.js";
import { accumulateHalves, type BackProjection, backProject } from "../imaging/back-projection.js";
import { sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";

/** Faults that are told apart. */
export type PoseFault = "transposed rotations" | "wrong shift sign" | "phase shift";

export interface PoseVariant {
  /** What was undone; none for the poses as they are. */
  readonly undone: readonly PoseFault[];
  /** Mean gain per image, nats. */
  readonly gain: number;
}

export interface PoseCheck {
  readonly kind: "pose-check";
  /** "fit": right as they are. "faulty": right once `faults` are undone. "other images": of another order, or no poses at all. */
  readonly verdict: "fit" | "faulty" | "other images" | "too few images";
  readonly faults: readonly PoseFault[];
  /** Standard errors between the best and the poses as they are. */
  readonly lead: number;
  /** Standard errors between the best and poses dealt at random. */
  readonly fit: number;
  /** As they are first. */
  readonly variants: readonly PoseVariant[];
  /** From the poses with the faults undone, from the poses as they are, and from poses dealt at random. */
  readonly best: BackProjection;
  readonly given: BackProjection;
  readonly random: BackProjection;
}

export interface PoseCheckOptions {
  /** Fourier pixels. @default all that the set holds */
  readonly radius?: number;
}

/** How often poses are dealt at random. */
const CONTROLS = 6;
/** A difference of so many standard errors counts. */
const LEAST_LEAD = 4;
/** From so many images on, poses that explain nothing are called wrong. */
const ENOUGH_IMAGES = 100;

/** Judge the poses of a prepared set; ten passes over the rows. */
export function checkPoses(set: PreparedParticles, poses: Poses, options: PoseCheckOptions = {}): PoseCheck {
  check(poses.rotations.count === set.count, "poses", `one for each of ${set.count} images`, poses.rotations.count);
  const radius = options.radius ?? set.box / 2 - 1;
  const hasCtf = set.contrast.some((value, i) => i % 8 === 0 && value === 1);
  const hasShifts = poses.shiftsAngstrom.some((shift) => Math.abs(shift) > 0.1 * set.pixelSizeAngstrom);
  const faults: readonly PoseFault[] = [
    "transposed rotations",
    ...(hasShifts ? (["wrong shift sign"] as const) : []),
    ...(hasCtf ? (["phase shift"] as const) : []),
  ];
  const judged = subsets(faults).map((undone) => ({ undone, gains: explained(undo(set, poses, undone), radius) }));
  const given = judged[0]!;
  const best = judged.reduce((a, b) => (mean(b.gains) > mean(a.gains) ? b : a));
  // Dealt at random, but seen through the same CTF: another CTF alone can explain more of any image.
  const dealt = Array.from({ length: CONTROLS }, (_, c) => undo(set, dealtAtRandom(poses, c), best.undone));
  const controls = dealt.map((control) => explained(control, radius));
  // All images are judged by one map: what maps of poses dealt at random differ by is an error that they share.
  const shared = deviation(Float64Array.from(controls, mean));
  const lead = best === given ? 0 : pairedScore(best.gains, given.gains, shared);
  const chosen = lead > LEAST_LEAD ? best : given;
  const control = controls[0]!.map((_, i) => mean(Float64Array.from(controls, (gains) => gains[i]!)));
  const fit = pairedScore(chosen.gains, control, shared);
  const explains = fit > LEAST_LEAD && mean(chosen.gains) > 0;
  const right = chosen === given ? "fit" : "faulty";
  const wrong = set.count < ENOUGH_IMAGES ? "too few images" : "other images";
  const asGiven = projection({ set, poses }, radius);
  return {
    kind: "pose-check",
    verdict: explains ? right : wrong,
    faults: explains ? chosen.undone : [],
    lead,
    fit,
    variants: judged.map(({ undone, gains }) => ({ undone, gain: mean(gains) })),
    best: chosen === given ? asGiven : projection(undo(set, poses, chosen.undone), radius),
    given: asGiven,
    random: projection(dealt[0]!, radius),
  };
}

/** Every combination, the empty one first. */
function subsets(faults: readonly PoseFault[]): readonly (readonly PoseFault[])[] {
  return Array.from({ length: 2 ** faults.length }, (_, bits) => faults.filter((_, f) => (bits >> f) % 2 === 1));
}

interface Case {
  readonly set: PreparedParticles;
  readonly poses: Poses;
}

function undo(set: PreparedParticles, poses: Poses, faults: readonly PoseFault[]): Case {
  const { rotations } = poses;
  const matrices = faults.includes("transposed rotations")
    ? rotations.matrices.map((_, i, m) => m[9 * Math.floor(i / 9) + 3 * (i % 3) + Math.floor((i % 9) / 3)]!)
    : rotations.matrices;
  const sign = faults.includes("wrong shift sign") ? -1 : 1;
  // Images of a phase plate taken for images without, or the other way round.
  const turn = (phase: number): number => (Math.abs(phase) > Math.PI / 4 ? 0 : Math.PI / 2);
  const contrast = faults.includes("phase shift")
    ? set.contrast.map((value, i) => (i % 8 === 7 ? turn(value) : value))
    : set.contrast;
  return {
    set: { ...set, contrast },
    poses: { rotations: { ...rotations, matrices }, shiftsAngstrom: poses.shiftsAngstrom.map((shift) => sign * shift) },
  };
}

function dealtAtRandom({ rotations, shiftsAngstrom }: Poses, seed: number): Poses {
  const order = shuffledIndices(rotations.count, seededRandom(seed));
  return {
    rotations: {
      ...rotations,
      matrices: rotations.matrices.map((_, i, m) => m[9 * order[Math.floor(i / 9)]! + (i % 9)]!),
    },
    shiftsAngstrom: shiftsAngstrom.map((_, i, s) => s[2 * order[i >> 1]! + (i % 2)]!),
  };
}

function projection({ set, poses }: Case, radius: number): BackProjection {
  const reader = openPrepared(set);
  try {
    return backProject(reader, poses, { radius });
  } finally {
    reader.close();
  }
}

/** What the map of the other half explains of each image: Float64[count], nats. */
function explained({ set, poses }: Case, radius: number): Float64Array {
  const reader = openPrepared(set);
  try {
    return explainedBy(reader, poses, radius);
  } finally {
    reader.close();
  }
}

function explainedBy(reader: PreparedReader, poses: Poses, radius: number): Float64Array {
  const { set, plane } = reader;
  const points = reader.points(radius);
  const { sums, power } = accumulateHalves(reader, poses, { radius });
  const rasters = sums.map((half) => rasterFromAccumulators([half], power));
  const [row, contrast, slice] = [2, 1, 2].map((n) => new Float32Array(n * points)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return Float64Array.from({ length: set.count }, (_, i) => {
    reader.readRow(i, row);
    reader.readContrast(i, contrast);
    sliceInto(slice, rasters[1 - (i % 2)]!, poses.rotations.matrices, 9 * i, plane.kx, plane.ky, points);
    const step = (-2 * Math.PI) / (set.box * set.pixelSizeAngstrom);
    const [tx, ty] = [step * poses.shiftsAngstrom[2 * i]!, step * poses.shiftsAngstrom[2 * i + 1]!];
    let gain = 0;
    for (let p = 0; p < points; p++) {
      const angle = plane.kx[p]! * tx + plane.ky[p]! * ty;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const c = contrast[p]! / set.noiseSigma[plane.shell[p]!]!;
      const re = c * (slice[2 * p]! * cos - slice[2 * p + 1]! * sin);
      const im = c * (slice[2 * p]! * sin + slice[2 * p + 1]! * cos);
      gain += re * row[2 * p]! + im * row[2 * p + 1]! - (re * re + im * im) / 2;
    }
    return gain;
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / Math.max(1, values.length - 1));
}

/** Mean difference over its standard error, to which every image adds an error of its own and all of them the `shared` one. */
function pairedScore(a: Float64Array, b: Float64Array, shared: number): number {
  const n = a.length;
  const difference = a.map((v, i) => v - b[i]!);
  const error = Math.hypot(deviation(difference) / Math.sqrt(n), shared);
  return error > 0 ? mean(difference) / error : 0;
}
