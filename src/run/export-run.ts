/** @file Particles of a run, chosen by class, probability or a list, as a file for the next program. */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { check, IolausError } from "../core/errors.js";
import { readCryodrgnIndices } from "../io/cryodrgn.js";
import { type ExportedParticles, exportParticles } from "../io/export-particles.js";
import { reading } from "../io/file-access.js";
import type { Particles } from "../io/particles.js";
import { assignedParticles } from "./assigned-particles.js";
import { openRun } from "./open-run.js";
import { openRunInput } from "./open-run-input.js";
import type { RunParticles } from "./particle-table.js";

export interface ExportRunOptions {
  /** Where to; the ending says for which program, as `exportParticles` does. */
  readonly to: string;
  /** Most probable class, from 1; several are taken together. @default all */
  readonly classes?: readonly number[];
  /** Least probability of that class, 0..1. @default 0 */
  readonly minProbability?: number;
  /**
   * A file that lists particles: a selection saved as JSON (`keys`), a text with one key per line, or an ind.pkl with
   * indices (from 0) into the particles of the run. @default all
   */
  readonly selection?: string;
  /** Fill in poses, classes and probabilities of the run. @default true */
  readonly fill?: boolean;
  /** @default "keep" */
  readonly unusedOptics?: "keep" | "drop";
  /** Folder at which the paths in the particle file begin. @default the one the run was given */
  readonly dataDir?: string;
}

/** Write the chosen particles of the run in `folder`. */
export async function exportRun(folder: string, options: ExportRunOptions): Promise<ExportedParticles> {
  const run = openRun(folder);
  const particles = run.particles();
  const rows = chosen(particles, options);
  const source = await openRunInput(run.manifest, options);
  try {
    const places = placesIn(source, particles.keys);
    const { poses, classes, probabilities } = assignedParticles(particles.assignments);
    const isSame = places.every((place, i) => place === i);
    check(isSame, source.path, "the particles of the run, in its order", "another list", "restore the file");
    return exportParticles(source, options.to, {
      rows,
      ...(options.fill !== false && { poses, classes, probabilities }),
      ...(options.unusedOptics && { unusedOptics: options.unusedOptics }),
    });
  } finally {
    source.close();
  }
}

function placesIn(source: Particles, keys: readonly string[]): number[] {
  const places = new Map(source.keys.map((key, i) => [key, i]));
  return keys.map((key) => places.get(key) ?? -1);
}

function chosen({ keys, K, assignments }: RunParticles, options: ExportRunOptions): Int32Array {
  const { classes, minProbability = 0, selection } = options;
  const outside = classes?.find((k) => !Number.isInteger(k) || k < 1 || k > K);
  check(outside === undefined, "class", `classes from 1 to ${K}`, outside);
  check(minProbability >= 0 && minProbability <= 1, "minProbability", "a probability, 0 to 1", minProbability);
  const least = Math.fround(minProbability); // as the table is read
  const listed = selection === undefined ? null : new Set(listedRows(selection, keys));
  const isChosen = (i: number): boolean => {
    const k = assignments.classes[i]!;
    const isOfClass = classes === undefined || classes.includes(k + 1);
    const probability = k < 0 ? assignments.junk[i]! : assignments.posterior[i * K + k]!;
    return isOfClass && probability >= least && (listed?.has(i) ?? true);
  };
  const rows = Int32Array.from(keys.keys()).filter(isChosen);
  check(rows.length > 0, "selection", "at least one particle", "none", "ask for another class or less probability");
  return rows;
}

function listedRows(path: string, keys: readonly string[]): Int32Array {
  if (extname(path).toLowerCase() === ".pkl") {
    const indices = readCryodrgnIndices(path);
    const outside = indices.find((index) => index >= keys.length);
    check(outside === undefined, path, `indices from 0 to ${keys.length - 1}`, outside);
    return indices;
  }
  const text = reading(path, () => readFileSync(path, "utf8"));
  const listed = extname(path).toLowerCase() === ".json" ? keysInJson(text, path) : keysInText(text);
  const places = new Map(keys.map((key, i) => [key, i]));
  return Int32Array.from(listed, (key) => {
    const place = places.get(key);
    if (place !== undefined) return place;
    throw new IolausError("bad-file", `${path}: expected keys of the run's particles, got ${JSON.stringify(key)}`);
  });
}

function keysInText(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

function keysInJson(text: string, path: string): readonly string[] {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    if (Array.isArray(keys) && keys.every((key) => typeof key === "string")) return keys;
  } catch {
    // Not JSON: refused below with all other files.
  }
  throw new IolausError("bad-file", `${path}: expected a selection saved as JSON, got something else`);
}
