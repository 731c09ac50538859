/**
 * @file Pickles of the cryoDRGN family ⇄ poses and CTF of ours. Rows carry no key: they are those of the particle file,
 * in its order.
 *
 *     pose.pkl   (R, t)   R float[N 3 3], the same matrix as ours;  t float[N 2], RELION's origin as a fraction of the box
 *     ctf.pkl    float[N 9]   box px, Å/px, defocus U and V in Å, angle in degrees, kV, Cs in mm, amplitude contrast,
 *                             phase shift in degrees
 *
 * Their CTF is the negative of ours and their data are inverted to match; the parameters are the same.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check, IolausError } from "../core/errors.js";
import type { ParticleSource, Poses } from "../core/types.js";
import { type NpyArray, npyNumbers } from "./npy.js";
import { type PickleValue, readPickle } from "./pickle.js";
import { pickleArray, picklePair } from "./pickle-write.js";
import type { ParticleCtfs } from "./star-ctf.js";

/** The poses in a pose.pkl, for images of `box` pixels of `pixelSizeAngstrom`. Without translations shifts are zero. */
export function readCryodrgnPoses(
  path: string,
  images: { readonly box: number; readonly pixelSizeAngstrom: number },
): Poses {
  const value = readPickle(path);
  const [rotations, translations] = Array.isArray(value) ? value : [value, undefined];
  const matrices = Float64Array.from(numbersOf(rotations, path, "rotations", [[3, 3], [9]]));
  const count = matrices.length / 9;
  checkOrthonormal(matrices, path);
  const shiftsAngstrom = new Float64Array(2 * count);
  if (translations !== undefined && translations !== null) {
    const fractions = numbersOf(translations, path, "translations", [[2]]);
    if (fractions.length !== 2 * count)
      throw new IolausError(
        "bad-file",
        `${path}: expected ${count} translations, as rotations, got ${fractions.length / 2}`,
      );
    const tooFar = fractions.findIndex((t) => !(Math.abs(t) <= 1));
    if (tooFar >= 0)
      throw new IolausError(
        "bad-file",
        `${path}: expected translations as fractions of the box, got ${fractions[tooFar]} in row ${tooFar >> 1} (from 0); ` +
          "divide pixels by the box and save again",
      );
    const width = images.box * images.pixelSizeAngstrom;
    fractions.forEach((t, i) => {
      shiftsAngstrom[i] = -t * width;
    });
  }
  return { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom };
}

/** The bytes of a pose.pkl with `poses`. */
export function formatCryodrgnPoses(
  poses: Poses,
  images: { readonly box: number; readonly pixelSizeAngstrom: number },
): Uint8Array {
  const { rotations, shiftsAngstrom } = poses;
  const width = images.box * images.pixelSizeAngstrom;
  return picklePair(
    { values: Float32Array.from(rotations.matrices), shape: [rotations.count, 3, 3] },
    { values: Float32Array.from(shiftsAngstrom, (s) => -s / width), shape: [rotations.count, 2] },
  );
}

/** What a ctf.pkl says. */
export interface CryodrgnCtfs extends ParticleCtfs {
  readonly count: number;
  /** Side of the images the file was made for, pixels; with the pixel size it fixes their width. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
}

const COLUMNS = 9;

/** The parameters in a ctf.pkl. */
export function readCryodrgnCtfs(path: string): CryodrgnCtfs {
  const rows = numbersOf(readPickle(path), path, "CTF parameters", [[COLUMNS]]);
  const at = (i: number, column: number): number => rows[i * COLUMNS + column]!;
  const bad = rows.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected finite numbers, got ${rows[bad]} in row ${Math.floor(bad / COLUMNS)} (from 0)`,
    );
  const count = rows.length / COLUMNS;
  const [box, pixelSizeAngstrom] = [at(0, 0), Number(at(0, 1).toPrecision(7))];
  for (let i = 1; i < count; i++)
    if (at(i, 0) !== at(0, 0) || at(i, 1) !== at(0, 1))
      throw new IolausError(
        "bad-file",
        `${path}: expected one box and pixel size, got others in row ${i} (from 0); split the particles`,
      );
  return {
    count,
    box,
    pixelSizeAngstrom,
    optics: (i) => ({
      voltageKv: at(i, 5),
      sphericalAberrationMm: Number(at(i, 6).toPrecision(7)),
      amplitudeContrast: Number(at(i, 7).toPrecision(7)),
    }),
    defocus: (i) => ({
      uAngstrom: at(i, 2),
      vAngstrom: at(i, 3),
      angleRad: at(i, 4) * RADIANS_PER_DEGREE,
      phaseShiftRad: at(i, 8) * RADIANS_PER_DEGREE,
    }),
  };
}

/** The bytes of a ctf.pkl for the particles at `rows` (from 0) of `source`. */
export function formatCryodrgnCtfs(
  source: Pick<ParticleSource, "box" | "pixelSizeAngstrom" | "optics" | "defocus">,
  rows: ArrayLike<number>,
): Uint8Array {
  const values = new Float32Array(COLUMNS * rows.length);
  for (let i = 0; i < rows.length; i++) {
    const { voltageKv, sphericalAberrationMm, amplitudeContrast } = source.optics(rows[i]!);
    const { uAngstrom, vAngstrom, angleRad, phaseShiftRad } = source.defocus(rows[i]!);
    const [angle, phase] = [angleRad / RADIANS_PER_DEGREE, phaseShiftRad / RADIANS_PER_DEGREE];
    values.set([source.box, source.pixelSizeAngstrom, uAngstrom, vAngstrom, angle], i * COLUMNS);
    values.set([voltageKv, sphericalAberrationMm, amplitudeContrast, phase], i * COLUMNS + 5);
  }
  return pickleArray({ values, shape: [rows.length, COLUMNS] });
}

/** The bytes of an ind.pkl: indices (from 0) into the unfiltered particles. */
export function formatCryodrgnIndices(rows: ArrayLike<number>): Uint8Array {
  check(rows.length > 0, "rows", "at least one particle", 0);
  return pickleArray({ values: Int32Array.from(rows), shape: [rows.length] });
}

/** Int32[count]: the indices (from 0) in an ind.pkl. */
export function readCryodrgnIndices(path: string): Int32Array {
  const value = readPickle(path);
  const isList = Array.isArray(value) && value.every((item) => typeof item === "number");
  const numbers = isList ? (value as number[]) : numbersOf(value, path, "indices", [[]]);
  return Int32Array.from(numbers, (index) => {
    if (Number.isInteger(index) && index >= 0 && index < 2 ** 31) return index;
    throw new IolausError("bad-file", `${path}: expected indices of particles, from 0, got ${index}`);
  });
}

function numbersOf(
  value: PickleValue | undefined,
  path: string,
  what: string,
  rowShapes: readonly (readonly number[])[],
): Float32Array | Float64Array {
  const array =
    typeof value === "object" && value !== null && "kind" in value && value.kind === "npy-array" ? value : null;
  const isRow = rowShapes.some((shape) => array?.shape.slice(1).join() === shape.join());
  if (array !== null && isRow && array.shape[0]! > 0) return npyNumbers(array as NpyArray, path);
  const expected = rowShapes.map((shape) => ["N", ...shape].join("×")).join(" or ");
  const got = array === null ? "something else" : array.shape.join("×");
  throw new IolausError(
    "bad-file",
    `${path}: expected ${what} as an array of ${expected}, got ${got}; is it another of cryoDRGN's files?`,
  );
}

function checkOrthonormal(matrices: Float64Array, path: string): void {
  for (let at = 0; at < matrices.length; at += 9) {
    const m = matrices.subarray(at, at + 9);
    const row = (i: number, j: number): number =>
      m[3 * i]! * m[3 * j]! + m[3 * i + 1]! * m[3 * j + 1]! + m[3 * i + 2]! * m[3 * j + 2]!;
    const isRotation =
      [row(0, 0), row(1, 1), row(2, 2)].every((x) => Math.abs(x - 1) < 1e-3) &&
      [row(0, 1), row(0, 2), row(1, 2)].every((x) => Math.abs(x) < 1e-3);
    if (!isRotation)
      throw new IolausError(
        "bad-file",
        `${path}: expected rotation matrices, got another matrix in row ${at / 9} (from 0)`,
      );
  }
}
