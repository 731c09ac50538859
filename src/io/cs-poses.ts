/**
 * @file Poses and classes of cryoSPARC tables ⇄ ours.
 *
 * `pose` is the rotation vector of the transpose of R; `shift` is RELION's origin (the negative of our shift), in pixels
 * of `psize_A`. A job speaks in one of three ways, here with the first table that has any:
 *
 *     alignments3D/…         one pose per particle
 *     alignments3D_multi/…   K poses per particle with their class_posterior (from 4.5 on); the most probable counts
 *     alignments_class_k/…   the same, a group of fields per class (before)
 */
import { IolausError } from "../core/errors.js";
import type { Poses } from "../core/types.js";
import { rotationAt, rotationFromVector, transpose, vectorFromRotation } from "../geometry/rotation.js";
import { type CsParticles, joinedNumbers } from "./cs-join.js";
import type { CsColumn } from "./cs-table.js";

export interface CsAlignments {
  readonly poses: Poses;
  /** From 0; null when the tables do not say. */
  readonly classes: Int32Array | null;
  /** Float32[count K], the probability of each class; null when the tables do not say. */
  readonly posterior: Float32Array | null;
  /** Particles whose rotation vector is exactly zero: cryoSPARC never aligned them. From 0. */
  readonly unaligned: Int32Array;
}

type Numbers = Float32Array | Float64Array;

/** K candidates per particle. */
interface Candidates {
  readonly K: number;
  vector(i: number, k: number): readonly [number, number, number];
  /** Å. */
  origin(i: number, k: number): readonly [number, number];
  probability(i: number, k: number): number;
  /** From 0; −1 when unknown. */
  classOf(i: number, k: number): number;
}

/** Å per pixel: of all images, or of each. */
type PixelSizes = number | ArrayLike<number>;

/** The poses of the tables, for images of `pixelSizeAngstrom` (used where psize_A is missing); undefined when they have none. */
export function csAlignments(particles: CsParticles, pixelSizeAngstrom: PixelSizes): CsAlignments | undefined {
  const candidates = candidatesOf(particles, pixelSizeAngstrom);
  if (candidates === undefined) return undefined;
  const { count } = particles;
  const { K } = candidates;
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  const classes = new Int32Array(count);
  const posterior = new Float32Array(count * K);
  const unaligned: number[] = [];
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 0; k < K; k++) {
      posterior[i * K + k] = candidates.probability(i, k);
      if (candidates.probability(i, k) > candidates.probability(i, best)) best = k;
    }
    const vector = candidates.vector(i, best);
    if (vector.every((x) => x === 0)) unaligned.push(i);
    matrices.set(transpose(rotationFromVector(vector)), 9 * i);
    const [x, y] = candidates.origin(i, best);
    shiftsAngstrom.set([-x, -y], 2 * i);
    classes[i] = candidates.classOf(i, best);
  }
  return {
    poses: { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom },
    classes: classes.includes(-1) ? null : classes,
    posterior: K > 1 ? posterior : null,
    unaligned: Int32Array.from(unaligned),
  };
}

function candidatesOf(particles: CsParticles, pixelSizeAngstrom: PixelSizes): Candidates | undefined {
  for (const { table } of particles.parts) {
    const has = (prefix: string): boolean => table.fields.has(`${prefix}/pose`);
    if (has("alignments3D")) return group(particles, ["alignments3D"], 1, pixelSizeAngstrom);
    if (has("alignments3D_multi")) {
      const posterior = joinedNumbers(particles, "alignments3D_multi/class_posterior");
      const K = (posterior?.length ?? 0) / particles.count;
      return group(particles, ["alignments3D_multi"], K, pixelSizeAngstrom);
    }
    const prefixes = [];
    while (has(`alignments_class_${prefixes.length}`)) prefixes.push(`alignments_class_${prefixes.length}`);
    if (prefixes.length > 0) return group(particles, prefixes, prefixes.length, pixelSizeAngstrom);
  }
  return undefined;
}

/** K classes in one group of fields, or a group of fields for each. */
function group(particles: CsParticles, prefixes: readonly string[], K: number, images: PixelSizes): Candidates {
  const perGroup = K / prefixes.length;
  const { count, parts } = particles;
  const columns = prefixes.map((prefix) => {
    const read = (name: string, width: number): Numbers | null => {
      const values = joinedNumbers(particles, `${prefix}/${name}`);
      const isScalar = values?.length === count && width === 1;
      if (values === null || values.length === count * width * perGroup || isScalar) return values;
      const got = values.length / count;
      const where = parts[0]?.table.path;
      throw new IolausError(
        "bad-file",
        `${where}: expected ${width * perGroup} numbers per row as ${prefix}/${name}, got ${got}`,
      );
    };
    const [pose, shift] = [read("pose", 3), read("shift", 2)];
    const [size, posterior, named] = [read("psize_A", 1), read("class_posterior", 1), read("class", 1)];
    return { pose: pose!, shift, size, posterior, named };
  });
  const at = (values: Numbers, i: number, k: number): number =>
    values[values.length === count ? i : i * perGroup + (k % perGroup)]!;
  const columnsOf = (k: number): (typeof columns)[number] => columns[prefixes.length > 1 ? k : 0]!;
  const row = (i: number, k: number): number => i * perGroup + (prefixes.length > 1 ? 0 : k);
  return {
    K,
    vector(i, k) {
      const from = 3 * row(i, k);
      const { pose } = columnsOf(k);
      return [pose[from]!, pose[from + 1]!, pose[from + 2]!];
    },
    origin(i, k) {
      const { shift, size } = columnsOf(k);
      if (shift === null) return [0, 0];
      const angstrom = size === null ? sizeAt(images, i) : at(size, i, k);
      const from = 2 * row(i, k);
      return [shift[from]! * angstrom, shift[from + 1]! * angstrom];
    },
    probability(i, k) {
      const { posterior } = columnsOf(k);
      return posterior === null ? 1 : at(posterior, i, k);
    },
    classOf(i, k) {
      const { named } = columnsOf(k);
      return named === null ? (K > 1 ? k : -1) : at(named, i, k);
    },
  };
}

/** Fields alignments3D/… for `poses` of images of `pixelSizeAngstrom`: rotation vectors, origins in pixels. */
export function csPoseColumns(poses: Poses, pixelSizeAngstrom: PixelSizes): readonly CsColumn[] {
  const { count } = poses.rotations;
  const vectors = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) vectors.set(vectorFromRotation(transpose(rotationAt(poses.rotations, i))), 3 * i);
  return [
    { name: "alignments3D/pose", values: vectors, shape: [3] },
    {
      name: "alignments3D/shift",
      values: Float32Array.from(poses.shiftsAngstrom, (shift, k) => -shift / sizeAt(pixelSizeAngstrom, k >> 1)),
      shape: [2],
    },
    {
      name: "alignments3D/psize_A",
      values: Float32Array.from({ length: count }, (_, i) => sizeAt(pixelSizeAngstrom, i)),
    },
  ];
}

function sizeAt(sizes: PixelSizes, i: number): number {
  return typeof sizes === "number" ? sizes : sizes[i]!;
}
