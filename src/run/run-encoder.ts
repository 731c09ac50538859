/** @file The encoder of a run: learnt from its results once, kept in its folder as encoder.safetensors. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { OnProgress } from "../core/progress.js";
import type { EncoderOptions } from "../encoder/encoder-options.js";
import { trainEncoder } from "../encoder/train-encoder.js";
import { type Encoder, readEncoder, writeEncoder } from "../encoder/trained-encoder.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openParticles } from "../io/particles.js";
import { checkSameInput, fingerprint } from "./input-fingerprint.js";
import { openRun, type Run } from "./open-run.js";
import { runFolder } from "./run-folder.js";
import { workingSet } from "./working-set.js";

export interface RunEncoderOptions {
  /** Images shown in training. @default 200,000 */
  readonly visits?: number;
  /** @default "small" */
  readonly size?: EncoderOptions["size"];
  readonly threads?: number;
  readonly seed?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** The run's encoder; trained and written first where the folder has none. */
export async function runEncoder(folder: string, options: RunEncoderOptions = {}): Promise<Encoder> {
  const path = join(folder, "encoder.safetensors");
  if (existsSync(path)) return readEncoder(path);
  const { onProgress, visits, size, threads, seed, signal } = options;
  const run = openRun(folder);
  const teacher = run.particles();
  const set = await preparedAgain(run, { ...(onProgress && { onProgress }), ...(signal && { signal }) });
  let encoder: Encoder | undefined;
  for await (const state of trainEncoder(set, undefined, {
    mode: "distilled",
    teacher: teacher.assignments,
    ...(visits !== undefined && { visits }),
    ...(size !== undefined && { size }),
    ...(threads !== undefined && { threads }),
    ...(seed !== undefined && { seed }),
    ...(signal && { signal }),
  })) {
    encoder = state.encoder;
    onProgress?.({ stage: "train encoder", fraction: state.fraction, facts: { loss: state.loss } });
  }
  writeEncoder(path, encoder!);
  return encoder!;
}

/** The working set of the run, from its cache or made again from its particles. */
async function preparedAgain(
  { folder, manifest }: Run,
  hooks: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal },
): Promise<PreparedParticles> {
  const { input, settings, machinery } = manifest;
  const { dataDir, passthrough, ctfPkl } = machinery;
  const source = await openParticles(input.path, {
    ...(dataDir !== null && { dataDir }),
    passthrough,
    ...(ctfPkl != null && { ctfPkl }),
    ctf: settings.ctf,
    ...(settings.pixelSizeAngstrom !== null && { pixelSizeAngstrom: settings.pixelSizeAngstrom }),
  });
  try {
    checkSameInput(await fingerprint(source, dataDir ?? undefined), input);
    return await workingSet(source, runFolder(folder), { settings, machinery, ...hooks });
  } finally {
    source.close();
  }
}
