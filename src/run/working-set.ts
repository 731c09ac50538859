/** @file The working set of a run, prepared once and kept in its folder: prepared.f32 (rows), prepared.safetensors (facts). */
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import type { OnProgress } from "../core/progress.js";
import type { ParticleSource } from "../core/types.js";
import { type PreparedParticles, prepare } from "../imaging/prepare.js";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../io/checkpoint.js";
import type { InputFingerprint } from "./input-fingerprint.js";
import type { RunFolder } from "./run-folder.js";
import type { Settings } from "./run-options.js";

/** What prepare is asked, with the input: the cache is good for these and no others. */
function cacheKey(input: InputFingerprint, settings: Settings): string {
  const { box, diameterAngstrom, dataSign, ctf, pixelSizeAngstrom } = settings;
  const { sha256, stacks } = input;
  const facts = { format: 1, sha256, stacks, box, diameterAngstrom, dataSign, ctf, pixelSizeAngstrom };
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

/** Prepare the particles, or take what an earlier start of the same run prepared. */
export function workingSet(
  source: ParticleSource,
  folder: RunFolder,
  request: {
    readonly input: InputFingerprint;
    readonly settings: Settings;
    readonly onProgress?: OnProgress;
    readonly signal?: AbortSignal;
  },
): PreparedParticles {
  const { input, settings, onProgress, signal } = request;
  const { box, diameterAngstrom, dataSign } = settings;
  const key = cacheKey(input, settings);
  const cached = readCache(folder, key, source);
  if (cached !== undefined) return cached;
  const set = prepare(source, folder.file("prepared"), {
    box,
    diameterAngstrom,
    dataSign,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  const { file: _, keys: __, contrast, noiseSigma, signalEnvelope, ...facts } = set;
  writeCheckpoint(folder.file("preparedFacts"), {
    meta: { key, ...facts },
    arrays: { contrast, noiseSigma, signalEnvelope },
  });
  return set;
}

/** The working set in the folder of a run; undefined when it is not there or not whole. */
export function readCache(
  folder: RunFolder,
  key: string,
  source: { readonly keys: readonly string[] },
): PreparedParticles | undefined {
  const [rows, facts] = [folder.file("prepared"), folder.file("preparedFacts")];
  if (!existsSync(rows) || !existsSync(facts)) return undefined;
  const { meta, arrays } = readCheckpoint(facts) as Checkpoint & { meta: { key: string } };
  const { key: was, ...rest } = meta;
  if (was !== key) return undefined;
  const set = { ...rest, ...arrays, file: rows, keys: source.keys } as unknown as PreparedParticles;
  return statSync(rows).size === 8 * set.points * set.count ? set : undefined;
}
