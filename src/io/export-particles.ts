/**
 * @file A selection of particles as a file that the next program reads. The ending of its name says which:
 *
 *     .star     RELION: rows of the input's list, every token as it was; of a `.cs` input, what it becomes
 *     .cs       cryoSPARC: records of the input's tables, byte for byte, one file for each table of the input
 *     pose.pkl, ctf.pkl, ind.pkl   the cryoDRGN family: poses, CTF, indices (from 0) into the input
 *     .mrcs     the images themselves;  .txt   the same, with a text file that names the stack
 *
 * Poses, classes and probabilities of ours are filled in where they are given, in the language of the file.
 */
import { basename } from "node:path";
import { check, IolausError } from "../core/errors.js";
import type { ImageGrid, Poses } from "../core/types.js";
import { writeFileAtomic } from "./atomic.js";
import { formatCryodrgnCtfs, formatCryodrgnIndices, formatCryodrgnPoses } from "./cryodrgn.js";
import type { CsParticles } from "./cs-join.js";
import { csPoseColumns } from "./cs-poses.js";
import { type CsColumn, writeCs } from "./cs-table.js";
import { exportStar } from "./export-star.js";
import { createStackWriter } from "./mrc-stack.js";
import type { Particles } from "./particles.js";
import { poseColumns, readPoses } from "./star-poses.js";
import type { StarColumns } from "./star-table.js";
import { writeStar } from "./star-write.js";

/** What is known of the particles of a source, in its order. */
export interface ParticleResults {
  readonly poses?: Poses;
  /** From 0; a STAR file says one more. */
  readonly classes?: ArrayLike<number>;
  /** How probable that class is, 0..1. */
  readonly probabilities?: ArrayLike<number>;
}

export interface ExportParticlesOptions extends ParticleResults {
  /** Indices of particles in the source, from 0. @default all, in the order of the source */
  readonly rows?: ArrayLike<number>;
  /** Keys of particles, instead of `rows`. */
  readonly keys?: readonly string[];
  /** Optics groups without particles: RELION keeps them. Numbers never change. @default "keep" */
  readonly unusedOptics?: "keep" | "drop";
}

export interface ExportedParticles {
  readonly count: number;
  /** Every file written. */
  readonly files: readonly string[];
}

/** Write the chosen particles of `source` as `to`, whole or not at all. Throws `unsupported` for endings it cannot be. */
export function exportParticles(
  source: Particles,
  to: string,
  options: ExportParticlesOptions = {},
): ExportedParticles {
  const rows = chosenRows(source, options);
  const results = resultsOf(options, rows, source.count);
  const files = write(source, to, rows, results, options.unusedOptics ?? "keep");
  return { count: rows.length, files };
}

function write(
  source: Particles,
  to: string,
  rows: Int32Array,
  results: ParticleResults,
  unusedOptics: "keep" | "drop",
): string[] {
  if (/\.star$/i.test(to)) {
    const star = source.original.kind === "star" ? source.original.star : source.star;
    const added = starColumns({ star, pixelSizeAngstrom: source.pixelSizeAngstrom, gridOf: source.gridOf }, results);
    writeStar(to, exportStar({ star }, { rows, added, unusedOptics }));
    return [to];
  }
  if (/\.cs$/i.test(to)) return writeTables(csOf(source, to), to, rows, csColumns(results, pixelSizesOf(source, rows)));
  const name = basename(to).toLowerCase();
  if (name.endsWith("pose.pkl"))
    writeFileAtomic(to, formatCryodrgnPoses(posesFor(source, to, rows, results), oneGrid(source, to, rows)));
  else if (name.endsWith("ctf.pkl"))
    writeFileAtomic(
      to,
      formatCryodrgnCtfs({ ...oneGrid(source, to, rows), optics: source.optics, defocus: source.defocus }, rows),
    );
  else if (name.endsWith("ind.pkl")) writeFileAtomic(to, formatCryodrgnIndices(rows));
  else if (name.endsWith(".mrcs")) writeImages(source, to, rows);
  else if (name.endsWith(".txt")) {
    const stack = to.replace(/\.txt$/i, ".mrcs");
    writeImages(source, stack, rows);
    writeFileAtomic(to, `${basename(stack)}\n`);
    return [stack, to];
  } else
    throw new IolausError(
      "unsupported",
      `${to}: expected a name that ends in .star, .cs, pose.pkl, ctf.pkl, ind.pkl, .mrcs or .txt, got another`,
    );
  return [to];
}

function chosenRows({ keys, count }: Particles, options: ExportParticlesOptions): Int32Array {
  const { rows, keys: wanted } = options;
  check(rows === undefined || wanted === undefined, "keys", "either rows or keys", "both");
  if (wanted !== undefined) {
    const places = new Map(keys.map((key, i) => [key, i]));
    const strangers = wanted.filter((key) => !places.has(key));
    const some = strangers.slice(0, 3).join(", ");
    check(strangers.length === 0, "keys", "keys of the particles", `${strangers.length} others (${some})`);
    return checked(
      Int32Array.from(new Set(wanted), (key) => places.get(key)!),
      count,
    );
  }
  return checked(
    Int32Array.from(rows ?? { length: count }, (row, i) => (rows === undefined ? i : row)),
    count,
  );
}

function checked(rows: Int32Array, count: number): Int32Array {
  check(rows.length > 0, "rows", "at least one particle", 0);
  const outside = rows.find((row) => row < 0 || row >= count);
  check(outside === undefined, "rows", `indices from 0 to ${count - 1}`, outside);
  check(new Set(rows).size === rows.length, "rows", "every particle once", "one of them twice");
  return rows;
}

/** Results of the chosen particles alone. */
function resultsOf(
  { poses, classes, probabilities }: ParticleResults,
  rows: Int32Array,
  count: number,
): ParticleResults {
  const lengths = { poses: poses?.rotations.count, classes: classes?.length, probabilities: probabilities?.length };
  for (const [name, length] of Object.entries(lengths))
    check(length === undefined || length === count, name, `${count} of them, one per particle of the source`, length);
  return {
    ...(poses && { poses: posesAt(poses, rows) }),
    ...(classes && { classes: rows.map((row) => classes[row]!) }),
    ...(probabilities && { probabilities: Float64Array.from(rows, (row) => probabilities[row]!) }),
  };
}

function posesAt({ rotations, shiftsAngstrom }: Poses, rows: Int32Array): Poses {
  const matrices = new Float64Array(9 * rows.length);
  const shifts = new Float64Array(2 * rows.length);
  rows.forEach((row, i) => {
    matrices.set(rotations.matrices.subarray(9 * row, 9 * row + 9), 9 * i);
    shifts.set(shiftsAngstrom.subarray(2 * row, 2 * row + 2), 2 * i);
  });
  return { rotations: { kind: "rotations", count: rows.length, matrices }, shiftsAngstrom: shifts };
}

/** RELION's columns for results: angles, origins, the class from 1, how probable it is. */
export function starColumns(source: Parameters<typeof poseColumns>[0], results: ParticleResults): StarColumns {
  const { poses, classes, probabilities } = results;
  return {
    ...(poses && poseColumns(source, poses)),
    ...(classes && { rlnClassNumber: Int32Array.from(classes, (k) => k + 1) }),
    ...(probabilities && {
      rlnMaxValueProbDistribution: Float64Array.from(probabilities, (p) => Number(p.toPrecision(6))),
    }),
  };
}

function csColumns({ poses, classes, probabilities }: ParticleResults, sizes: Float64Array): readonly CsColumn[] {
  return [
    ...(poses ? csPoseColumns(poses, sizes) : []),
    ...(classes ? [{ name: "alignments3D/class", values: classNumbers(classes) }] : []),
    ...(probabilities ? [{ name: "alignments3D/class_posterior", values: Float32Array.from(probabilities) }] : []),
  ];
}

/** Classes from 0; junk, −1 here, is in a class of its own after the last. */
function classNumbers(classes: ArrayLike<number>): Uint32Array {
  const last = Array.from(classes).reduce((a, b) => Math.max(a, b), -1);
  return Uint32Array.from(classes, (k) => (k < 0 ? last + 1 : k));
}

function csOf({ original, path }: Particles, to: string): CsParticles {
  if (original.kind === "cs") return original.particles;
  throw new IolausError(
    "unsupported",
    `${to}: expected particles of a .cs table, got ${path}; export a .star file, which cryoSPARC imports`,
  );
}

/** The first table as `to`, its passthroughs beside it. Results go into the first. */
function writeTables(particles: CsParticles, to: string, rows: Int32Array, added: readonly CsColumn[]): string[] {
  return particles.parts.map(({ table, rows: rowOf }, p) => {
    const number = particles.parts.length > 2 ? `_${p}` : "";
    const path = p === 0 ? to : to.replace(/\.cs$/i, `_passthrough${number}.cs`);
    writeCs(path, table, { rows: rows.map((row) => rowOf[row]!), added: p === 0 ? added : [] });
    return path;
  });
}

function pixelSizesOf({ gridOf, pixelSizeAngstrom }: Particles, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => gridOf?.(row).pixelSizeAngstrom ?? pixelSizeAngstrom);
}

/** The grid of the chosen images, which must have one. */
function oneGrid(source: Particles, to: string, rows: Int32Array): ImageGrid {
  const { gridOf, box, pixelSizeAngstrom } = source;
  if (gridOf === undefined) return { box, pixelSizeAngstrom };
  const first = gridOf(rows[0]!);
  const other = rows.find((row) => {
    const grid = gridOf(row);
    return grid.box !== first.box || grid.pixelSizeAngstrom !== first.pixelSizeAngstrom;
  });
  if (other === undefined) return first;
  const text = (grid: ImageGrid): string => `${grid.box} px of ${grid.pixelSizeAngstrom} Å`;
  throw new IolausError(
    "unsupported",
    `${to}: expected images of one side and pixel size, got ${text(first)} and ${text(gridOf(other))}; ` +
      "export those of one kind at a time, or a .star or .cs file",
  );
}

function posesFor(source: Particles, to: string, rows: Int32Array, { poses }: ParticleResults): Poses {
  if (poses !== undefined) return poses;
  const inFile = readPoses(source);
  check(inFile !== undefined, to, "particles with poses", `${source.path}, which has none`);
  return posesAt(inFile, rows);
}

function writeImages(source: Particles, to: string, rows: Int32Array): void {
  const grid = oneGrid(source, to, rows);
  const writer = createStackWriter(to, grid);
  const image = new Float32Array(grid.box ** 2);
  try {
    for (const row of rows) writer.append(source.readImage(row, image));
    writer.close();
  } catch (error) {
    writer.discard();
    throw error;
  }
}
