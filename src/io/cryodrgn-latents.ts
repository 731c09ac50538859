/**
 * @file Latents of the cryoDRGN family: z.N.pkl holds float32[N zdim], in cryoDRGN's own runs followed by a second pickle with
 * the logarithms of the variances, which is not read. Rows carry no key: they are those of the particles the run was made
 * from, in their order, after its `--ind` filter.
 */
import { check, IolausError } from "../core/errors.js";
import { writeFileAtomic } from "./atomic.js";
import { readCryodrgnCtfs, readCryodrgnIndices, readCryodrgnPoses } from "./cryodrgn.js";
import type { ForeignRun } from "./foreign-run.js";
import { npyNumbers } from "./npy.js";
import { readPickles } from "./pickle.js";
import { pickleArray } from "./pickle-write.js";

export interface CryodrgnRunFiles {
  /** pose.pkl. @default no poses */
  readonly poses?: string;
  /** ctf.pkl. @default no CTF */
  readonly ctf?: string;
  /** ind.pkl: rows (from 0) of the particles that were kept. @default all */
  readonly indices?: string;
  /** All particles of the list the run was made from: an opened particle file. @default keys are `row 0`, `row 1`, … of it */
  readonly particles?: { readonly keys: readonly string[]; readonly box: number; readonly pixelSizeAngstrom: number };
}

/** Read z.N.pkl with what lies beside it. */
export function readCryodrgnRun(path: string, files: CryodrgnRunFiles = {}): ForeignRun {
  const { values, count, zDim } = readLatents(path);
  const rows = files.indices === undefined ? null : readCryodrgnIndices(files.indices);
  if (rows !== null && rows.length !== count)
    throw new IolausError(
      "bad-file",
      `${files.indices}: expected ${count} indices, one per row of ${path}, got ${rows.length}; was the run made with another selection?`,
    );
  const keys = keysOf(path, count, rows, files);
  const ctfs = files.ctf === undefined ? null : readCryodrgnCtfs(files.ctf);
  const ctfRow = ctfs === null ? null : rowsIn(files.ctf!, ctfs.count, count, rows);
  const images = files.particles ?? ctfs;
  check(
    files.poses === undefined || images !== null,
    "poses",
    "particles or a ctf.pkl beside it, for the side of the images",
    "neither",
  );
  const all = files.poses === undefined ? null : readCryodrgnPoses(files.poses, images!);
  const poseRow = all === null ? null : rowsIn(files.poses!, all.rotations.count, count, rows);
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  if (all !== null)
    for (let i = 0; i < count; i++) {
      const from = poseRow!(i);
      matrices.set(all.rotations.matrices.subarray(9 * from, 9 * from + 9), 9 * i);
      shiftsAngstrom.set(all.shiftsAngstrom.subarray(2 * from, 2 * from + 2), 2 * i);
    }
  return {
    kind: "foreign-run",
    program: "cryodrgn",
    path,
    keys,
    K: 1,
    zDim,
    assignments: {
      classes: new Int32Array(count),
      z: values,
      certainty: null,
      poses: all === null ? null : { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom },
    },
    classes: [{ share: 1, resolutionAngstrom: null, volumePath: null }],
    ctf: ctfs === null ? null : { optics: (i) => ctfs.optics(ctfRow!(i)), defocus: (i) => ctfs.defocus(ctfRow!(i)) },
  };
}

/** Write Float32[count zDim] as a z.pkl that the tools of the cryoDRGN family read. */
export function writeCryodrgnLatents(path: string, z: ArrayLike<number>, zDim: number): void {
  check(Number.isInteger(zDim) && zDim > 0, "zDim", "a positive integer", zDim);
  check(z.length > 0 && z.length % zDim === 0, "z", `rows of ${zDim}`, `${z.length} numbers`);
  writeFileAtomic(path, pickleArray({ values: Float32Array.from(z), shape: [z.length / zDim, zDim] }));
}

function readLatents(path: string): { readonly values: Float32Array; readonly count: number; readonly zDim: number } {
  const [value] = readPickles(path);
  const isArray = typeof value === "object" && value !== null && "kind" in value && value.kind === "npy-array";
  const shape = isArray ? value.shape : [];
  const [count = 0, zDim = shape.length === 1 ? 1 : 0] = shape;
  if (!isArray || shape.length > 2 || count === 0 || zDim === 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected latents as an array of N×zdim, got ${isArray ? shape.join("×") : "something else"}; is it another of cryoDRGN's files?`,
    );
  const values = Float32Array.from(npyNumbers(value, path));
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected finite numbers, got ${values[bad]} in row ${Math.floor(bad / zDim)} (from 0)`,
    );
  return { values, count, zDim };
}

function keysOf(path: string, count: number, rows: Int32Array | null, { particles }: CryodrgnRunFiles): string[] {
  const row = (i: number): number => rows?.[i] ?? i;
  if (particles === undefined) return Array.from({ length: count }, (_, i) => `row ${row(i)}`);
  const { keys } = particles;
  if (rows === null && keys.length !== count)
    throw new IolausError(
      "bad-file",
      `${path}: expected ${keys.length} rows, one per particle, got ${count}; give the ind.pkl the run was made with as indices`,
    );
  return Array.from({ length: count }, (_, i) => {
    const key = keys[row(i)];
    if (key !== undefined) return key;
    const advice = "were they made for another list?";
    throw new IolausError("bad-file", `indices: expected rows below ${keys.length}, got ${row(i)}; ${advice}`);
  });
}

/** From rows of z to rows of a file that may hold the unfiltered particles. */
function rowsIn(file: string, held: number, count: number, rows: Int32Array | null): (i: number) => number {
  if (held === count) return (i) => i;
  if (rows?.every((row) => row < held)) return (i) => rows[i]!;
  throw new IolausError(
    "bad-file",
    `${file}: expected ${count} rows, one per row of z, got ${held}; give the ind.pkl the run was made with as indices`,
  );
}
