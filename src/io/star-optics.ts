/**
 * @file Numbers of particles from a RELION STAR file: first the particle table, then the particle's optics group.
 *
 * Pixel size: rlnImagePixelSize (Å), or 10⁴ · rlnDetectorPixelSize (µm) / rlnMagnification; a file without
 * magnification means 10,000, as RELION writes when only the pixel size is known.
 */
import { check, IolausError } from "../core/errors.js";
import { findBlock, type StarFile, type StarTable } from "./star.js";
import { hasColumn, numberColumns, textColumns } from "./star-table.js";

/** The tables of a particle file. */
export interface ParticleTables {
  readonly path: string;
  /** Name of the block of particles: "particles", or whatever 3.0 called it. */
  readonly block: string;
  readonly particles: StarTable;
  readonly optics: StarTable | null;
}

/** Find the table of particles: data_particles, or the only one with rlnImageName. */
export function particleTables(star: StarFile): ParticleTables {
  const optics = findBlock(star, "optics")?.table ?? null;
  const candidates = star.blocks.filter((block) => hasColumn(block.table, "rlnImageName"));
  const block = candidates.find(({ name }) => name === "particles") ?? candidates[0];
  if (block?.table == null) {
    const got = `blocks ${star.blocks.map(({ name }) => `data_${name}`).join(", ")} without it`;
    const advice = "is this a list of particles?";
    throw new IolausError("bad-file", `${star.path}: expected a table with rlnImageName, got ${got}; ${advice}`);
  }
  if (block.table.rows.length === 0)
    throw new IolausError("bad-file", `${star.path}: expected at least one particle, got none; was the list filtered?`);
  return { path: star.path, block: block.name, particles: block.table, optics };
}

/** Whether the file speaks RELION 3.1's language: origins in Å, not in pixels. */
export function isRelion31({ particles, optics }: ParticleTables): boolean {
  const marks = ["rlnOpticsGroup", "rlnOriginXAngst", "rlnOriginYAngst"];
  return optics !== null || marks.some((label) => hasColumn(particles, label));
}

/** One column for all particles; null when neither table has it. */
export type ColumnOfParticles = (label: string) => Float64Array | null;

/** Read `labels` for every particle, in one pass over each table. The result knows these labels only. */
export function readColumns(tables: ParticleTables, labels: readonly string[]): ColumnOfParticles {
  const { path, block, particles, optics } = tables;
  const own = labels.filter((label) => hasColumn(particles, label));
  const ofGroup = labels.filter((label) => !own.includes(label) && hasColumn(optics, label));
  const columns = new Map(numberColumns(particles, own, `${path} data_${block}`).map((column, c) => [own[c], column]));
  if (optics !== null && ofGroup.length > 0) {
    const rows = opticsRows(tables, optics);
    numberColumns(optics, ofGroup, `${path} data_optics`).forEach((perGroup, c) => {
      columns.set(
        ofGroup[c],
        Float64Array.from(rows, (row) => perGroup[row]!),
      );
    });
  }
  return (label) => {
    check(labels.includes(label), "label", `one of ${labels.join(", ")}`, label);
    return columns.get(label) ?? null;
  };
}

/** For each particle, the row of its optics group: Int32[particles]. */
function opticsRows({ path, block, particles }: ParticleTables, optics: StarTable): Int32Array {
  const refuse = (expected: string, got: string, advice: string): never => {
    throw new IolausError("bad-file", `${path}: expected ${expected}, got ${got}; ${advice}`);
  };
  const inParticles = hasColumn(particles, "rlnOpticsGroup");
  if (!inParticles && optics.rows.length === 1) return new Int32Array(particles.rows.length);
  if (!inParticles || !hasColumn(optics, "rlnOpticsGroup"))
    return refuse("rlnOpticsGroup in data_optics and in the particles", "only one of them", "add the column");
  const groups = numberColumns(optics, ["rlnOpticsGroup"], `${path} data_optics`)[0]!;
  const rowOf = new Map(Array.from(groups, (group, row) => [group, row]));
  const [ofParticle = []] = textColumns(particles, ["rlnOpticsGroup"]);
  return Int32Array.from(ofParticle, (text, i) => {
    const where = `row ${i + 1} of data_${block}`;
    return (
      rowOf.get(Number(text)) ?? refuse(`optics group ${text} of ${where}`, "no such group", "add it to data_optics")
    );
  });
}

/** What `starPixelSize` asks for. */
export const PIXEL_SIZE_LABELS: readonly string[] = ["rlnImagePixelSize", "rlnDetectorPixelSize", "rlnMagnification"];

/** The one pixel size of all particles, Å; null when the file does not say. */
export function starPixelSize(path: string, column: ColumnOfParticles): number | null {
  const sizes = column("rlnImagePixelSize") ?? detectorPixelSizes(column);
  if (sizes === null) return null;
  const first = sizes[0]!;
  const other = sizes.find((size) => Math.abs(size - first) > 1e-4 * Math.abs(first));
  const got = other === undefined ? `${first} Å` : `${first} Å and ${other} Å`;
  if (other === undefined && first > 0) return first;
  const advice = "rescale or split the particles by pixel size, or pass pixelSizeAngstrom (--pixel-size)";
  throw new IolausError("bad-file", `${path}: expected one positive pixel size, got ${got}; ${advice}`);
}

/** The pixel size of every particle, Å, where they are not all the same; undefined where they are, or are not said. */
export function mixedPixelSizes(path: string, column: ColumnOfParticles): Float64Array | undefined {
  const sizes = column("rlnImagePixelSize") ?? detectorPixelSizes(column);
  const first = sizes?.[0] ?? 0;
  if (sizes === null || !sizes.some((size) => Math.abs(size - first) > 1e-4 * Math.abs(first))) return undefined;
  const wrong = sizes.find((size) => !(size > 0));
  if (wrong === undefined) return sizes;
  throw new IolausError("bad-file", `${path}: expected positive pixel sizes, got ${wrong} Å; correct data_optics`);
}

function detectorPixelSizes(column: ColumnOfParticles): Float64Array | null {
  const detector = column("rlnDetectorPixelSize");
  const magnification = column("rlnMagnification");
  return detector?.map((size, i) => (size * 1e4) / (magnification?.[i] ?? 1e4)) ?? null;
}
