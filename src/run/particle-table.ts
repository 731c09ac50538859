/**
 * @file particles.csv: what a run says of every particle, for any program that reads tables.
 *
 * key, index (from 0, into the input file), class (from 1), p1..pK, r00..r22 (object → camera), shiftXAngstrom,
 * shiftYAngstrom (displacement of the particle, the negative of RELION's origin), z1..zd, logEvidence, junk
 * (posterior that no class explains the particle; its class is 0 where that is more likely than not).
 */
import { readFileSync } from "node:fs";
import papaparse from "papaparse";
import { IolausError } from "../core/errors.js";
import { writePiecesAtomic } from "../io/atomic.js";
import { reading } from "../io/file-access.js";
import type { Assignments } from "../mixture/state.js";

/** Particles of a run, by columns, in the order of the input file. */
export interface RunParticles {
  readonly keys: readonly string[];
  readonly K: number;
  readonly zDim: number;
  /** Classes count from 0 here, as in every array; a table or a file says one more. */
  readonly assignments: Assignments;
}

const ROWS_PER_PIECE = 10_000;
const ROTATION = [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => `r${i}${j}`));

function columnNames(K: number, zDim: number): string[] {
  const numbered = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  const shifts = ["shiftXAngstrom", "shiftYAngstrom"];
  return [
    "key",
    "index",
    "class",
    ...numbered("p", K),
    ...ROTATION,
    ...shifts,
    ...numbered("z", zDim),
    "logEvidence",
    "junk",
  ];
}

export function writeParticleTable(path: string, particles: RunParticles): void {
  writePiecesAtomic(path, pieces(particles));
}

function* pieces(particles: RunParticles): Generator<string> {
  const { keys, K, zDim } = particles;
  yield `${columnNames(K, zDim).join(",")}\n`;
  for (let from = 0; from < keys.length; from += ROWS_PER_PIECE) {
    const count = Math.min(ROWS_PER_PIECE, keys.length - from);
    const rows = Array.from({ length: count }, (_, i) => tableRow(particles, from + i));
    yield `${papaparse.unparse(rows, { newline: "\n" })}\n`;
  }
}

function tableRow({ keys, K, zDim, assignments }: RunParticles, i: number): (string | number)[] {
  const { classes, posterior, junk, poses, z, evidence } = assignments;
  const numbers = [
    ...posterior.subarray(i * K, (i + 1) * K),
    ...poses.rotations.matrices.subarray(9 * i, 9 * i + 9),
    ...poses.shiftsAngstrom.subarray(2 * i, 2 * i + 2),
    ...z.subarray(i * zDim, (i + 1) * zDim),
  ];
  // Nine digits repeat every float32.
  const short = numbers.map((v) => Number(v.toPrecision(9)));
  return [keys[i]!, i, classes[i]! + 1, ...short, evidence[i]!, Number(junk[i]!.toPrecision(9))];
}

/** Columns by name, ready for `new DataFrame(…)`. `index` is called `particle`: a data frame has an index of its own. */
export type ParticleColumns = Readonly<Record<string, readonly (string | number)[]>>;

export function particleColumns(particles: RunParticles): ParticleColumns {
  const names = columnNames(particles.K, particles.zDim);
  const columns = names.map((): (string | number)[] => []);
  for (let i = 0; i < particles.keys.length; i++)
    tableRow(particles, i).forEach((value, c) => {
      columns[c]!.push(value);
    });
  return Object.fromEntries(names.map((name, c) => [name === "index" ? "particle" : name, columns[c]!]));
}

/** Read what `writeParticleTable` wrote. */
export function readParticleTable(path: string): RunParticles {
  const text = reading(path, () => readFileSync(path, "utf8"));
  const [head = [], ...rows] = papaparse.parse<string[]>(text, { skipEmptyLines: true }).data;
  const K = head.filter((name) => /^p\d+$/.test(name)).length;
  const zDim = head.filter((name) => /^z\d+$/.test(name)).length;
  const places = columnNames(K, zDim).map((name) => head.indexOf(name));
  const missing = columnNames(K, zDim).filter((name, c) => places[c]! < 0 && name !== "junk"); // older tables know none
  if (missing.length > 0)
    throw new IolausError("bad-file", `${path}: expected the particle table of a run, got one without ${missing[0]}`);
  const count = rows.length;
  const numbers = (first: number, width: number): Float64Array => {
    const out = new Float64Array(count * width);
    rows.forEach((row, i) => {
      for (let c = 0; c < width; c++) out[i * width + c] = Number(row[places[first + c]!]);
    });
    return out;
  };
  return {
    keys: rows.map((row) => row[places[0]!]!),
    K,
    zDim,
    assignments: {
      classes: Int32Array.from(numbers(2, 1), (c) => c - 1),
      posterior: Float32Array.from(numbers(3, K)),
      poses: {
        rotations: { kind: "rotations", count, matrices: numbers(3 + K, 9) },
        shiftsAngstrom: numbers(12 + K, 2),
      },
      z: Float32Array.from(numbers(14 + K, zDim)),
      evidence: numbers(14 + K + zDim, 1),
      junk: Float32Array.from(numbers(15 + K + zDim, 1), (p) => p || 0),
    },
  };
}
