/**
 * @file What was prepared before is taken again: rows in one file, the facts about them in another beside it.
 *
 * The facts hold a key, the hash of everything that decides the rows: names, CTF and grids of the images, sizes and
 * times of their files (or all pixels, where a source has no files), and the options. They are written last.
 */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import type { ParticleSource } from "../core/types.js";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../io/checkpoint.js";
import { reading } from "../io/file-access.js";
import type { PreparedParticles } from "./prepare.js";

/** Raised when the same question gets another answer. */
const FORMAT = 3;

/** prepared.f32 → prepared.safetensors. */
export function factsFile(file: string): string {
  return `${file.replace(/\.[^./\\]*$/, "")}.safetensors`;
}

/** The hash of what decides the rows. */
export function preparedKey(source: ParticleSource, contrast: Float64Array, options: object): string {
  const hash = createHash("sha256");
  const { count, box, pixelSizeAngstrom, hasCtf } = source;
  hash.update(JSON.stringify({ FORMAT, count, box, pixelSizeAngstrom, hasCtf, options }));
  for (let i = 0; i < count; i += 10_000) hash.update(`${source.keys.slice(i, i + 10_000).join("\n")}\n`);
  hash.update(new Uint8Array(contrast.buffer, contrast.byteOffset, contrast.byteLength));
  if (source.gridOf !== undefined) for (let i = 0; i < count; i++) hash.update(JSON.stringify(source.gridOf(i)));
  for (const file of source.files ?? []) {
    const { size, mtimeMs } = reading(file, () => statSync(file));
    hash.update(`${size} ${mtimeMs}\n`);
  }
  if (source.files === undefined)
    for (let i = 0; i < count; i++) {
      const pixels = source.readImage(i);
      hash.update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
    }
  return hash.digest("hex");
}

/** The set in `file` if it was made under `key`; else why not, or undefined if nothing is there. */
export function readPrepared(
  file: string,
  key: string,
  keys: readonly string[],
): { readonly set: PreparedParticles } | { readonly stale: string } | undefined {
  const facts = factsFile(file);
  if (!existsSync(file) || !existsSync(facts)) return undefined;
  try {
    const { meta, arrays } = readCheckpoint(facts) as Checkpoint & { meta: { key: string } };
    const { key: was, ...rest } = meta;
    if (was !== key) return { stale: "it was made from other images or with other options" };
    const set = { ...rest, ...arrays, file, keys } as unknown as PreparedParticles;
    const [size, expected] = [statSync(file).size, 8 * set.points * set.count];
    return size === expected ? { set } : { stale: `it has ${size} bytes of ${expected}` };
  } catch (error) {
    if (error instanceof IolausError) return { stale: error.message };
    throw error;
  }
}

/** What was measured on the set in `file`, whether its rows are still there or not; undefined where nobody wrote it down. */
export function readPreparedFacts(file: string): Omit<PreparedParticles, "keys"> | undefined {
  const facts = factsFile(file);
  if (!existsSync(facts)) return undefined;
  const { meta, arrays } = readCheckpoint(facts);
  return { ...meta, ...arrays, file } as unknown as PreparedParticles;
}

/** Keep the facts of a set whose rows are on disk. */
export function writePreparedFacts(set: PreparedParticles, key: string): void {
  const { file, keys: _, contrast, noiseSigma, signalEnvelope, snr, ...facts } = set;
  writeCheckpoint(factsFile(file), { meta: { key, ...facts }, arrays: { contrast, noiseSigma, signalEnvelope, snr } });
}
