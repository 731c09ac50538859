/**
 * @file New particles through an old run: species, poses and conformations as in a reconstruction, in one pass.
 *
 * The folder holds what a run's folder holds (particles.star, particles.csv, the maps, report.html, run.json), so that
 * whatever reads runs reads it; doubts.csv says which particles to doubt and why (encoder/infer.ts).
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import papaparse from "papaparse";
import type { OnProgress } from "../core/progress.js";
import type { EncoderOptions } from "../encoder/encoder-options.js";
import { DOUBTS, inferImages } from "../encoder/infer.js";
import { fittedSource } from "../imaging/fitted-source.js";
import { prepare } from "../imaging/prepare.js";
import { writeFileAtomic } from "../io/atomic.js";
import { openParticles, type Particles } from "../io/particles.js";
import type { Assignments } from "../mixture/state.js";
import { fingerprint } from "./input-fingerprint.js";
import { openRun, type Run } from "./open-run.js";
import { runDecoder } from "./run-decoder.js";
import { runEncoder } from "./run-encoder.js";
import { claimFolder, runFolder } from "./run-folder.js";
import { newManifest, type RunManifest, writeManifest } from "./run-manifest.js";
import { writeResults } from "./run-results.js";

export interface InferRunOptions {
  /** The folder of the results: new or empty. */
  readonly out: string;
  /** `local`: one local pose search per image. @default "none" */
  readonly refine?: "none" | "local";
  /** For the training of the run's encoder, where it has none yet: images shown. @default 200,000 */
  readonly visits?: number;
  /** The same: size of the network. @default "small" */
  readonly size?: EncoderOptions["size"];
  /** Folder at which the paths in the particle file begin. */
  readonly dataDir?: string;
  readonly ctf?: "file" | "none";
  readonly pixelSizeAngstrom?: number;
  /** @default 2 */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * What the run in `run` says of `particles`, written to `options.out` and read back. The first call trains the run's
 * encoder. Particles of another box or pixel size are fitted, or refused with what to do.
 */
export async function infer(run: string | Run, particles: string, options: InferRunOptions): Promise<Run> {
  const { out, refine = "none", threads = 2, dataDir, ctf, pixelSizeAngstrom, onProgress, signal } = options;
  const old = typeof run === "string" ? openRun(run) : run;
  const { settings } = old.manifest;
  const source = await openParticles(particles, {
    ...(dataDir !== undefined && { dataDir }),
    ctf: ctf ?? settings.ctf,
    ...(pixelSizeAngstrom !== undefined && { pixelSizeAngstrom }),
  });
  const folder = claimFolder(out);
  const begun = performance.now();
  try {
    const encoder = await runEncoder(old.folder, {
      ...(options.visits !== undefined && { visits: options.visits }),
      ...(options.size !== undefined && { size: options.size }),
      threads,
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    const decoder = runDecoder(runFolder(old.folder), old.manifest);
    const { box, diameterAngstrom, dataSign } = encoder.input;
    const set = await prepare(fittedSource(source, encoder.input), folder.file("prepared"), {
      ...{ box, diameterAngstrom, dataSign },
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    const prepareSeconds = (performance.now() - begun) / 1e3;
    const { zDim } = decoder.fields[0]!.config;
    const found = emptyAssignments(source.count, decoder.fields.length, zDim);
    const doubts = new Uint8Array(source.count);
    const axes = Int32Array.from(decoder.fields, (_, k) => old.manifest.classes?.[k]?.axes ?? zDim);
    const asked = { decoder, refine, threads, ...(onProgress && { onProgress }), ...(signal && { signal }) };
    for await (const chunk of inferImages(set, encoder, asked)) {
      const { from } = chunk;
      found.classes.set(chunk.classes, from);
      found.posterior.set(chunk.posterior, from * decoder.fields.length);
      found.poses.rotations.matrices.set(chunk.matrices, 9 * from);
      found.poses.shiftsAngstrom.set(chunk.shiftsAngstrom, 2 * from);
      found.z.set(withoutIdle(chunk.z, chunk.classes, zDim, axes), from * zDim);
      found.evidence.set(chunk.evidence, from);
      doubts.set(chunk.doubts, from);
    }
    const computeSeconds = (performance.now() - begun) / 1e3 - prepareSeconds;
    const manifest = await inferManifest(old, source, { dataDir, prepareSeconds, computeSeconds });
    const results = { assignments: () => found, volumes: async () => old.volumes() };
    await writeResults(folder, source, set, { manifest, state: { ...results, axes } });
    const rows = source.keys.map((key, i) => ({ key, index: i, ...namedDoubts(doubts[i]!) }));
    writeFileAtomic(join(out, "doubts.csv"), `${papaparse.unparse(rows, { newline: "\n" })}\n`);
    writeManifest(folder.file("manifest"), manifest);
    for (const name of ["prepared", "preparedFacts"] as const) rmSync(folder.file(name), { force: true });
    return openRun(out);
  } catch (error) {
    folder.abandon();
    throw error;
  } finally {
    source.close();
  }
}

/** Float32[images zDim]: 0 along the coordinates that the class of an image does not move along. */
function withoutIdle(z: Float32Array, classes: ArrayLike<number>, zDim: number, axes: Int32Array): Float32Array {
  return z.map((v, at) => (at % zDim < (axes[classes[Math.floor(at / zDim)]!] ?? zDim) ? v : 0));
}

/** 1 where there is a reason to doubt. */
function namedDoubts(doubts: number): Record<string, number> {
  return Object.fromEntries(Object.entries(DOUBTS).map(([name, bit]) => [name, doubts & bit ? 1 : 0]));
}

async function inferManifest(
  old: Run,
  source: Particles,
  facts: { readonly dataDir: string | undefined; readonly prepareSeconds: number; readonly computeSeconds: number },
): Promise<RunManifest> {
  const { settings, machinery } = old.manifest;
  const { process: _, ...fresh } = newManifest(settings, machinery, await fingerprint(source, facts.dataDir));
  const ended = new Date().toISOString();
  const { prepareSeconds, computeSeconds } = facts;
  return {
    ...fresh,
    status: "done",
    reason: `inferred by the encoder of ${resolve(old.folder)}`,
    timings: { ...fresh.timings, ended, prepareSeconds, computeSeconds },
  };
}

function emptyAssignments(count: number, K: number, zDim: number): Assignments {
  return {
    classes: new Int32Array(count),
    posterior: new Float32Array(count * K),
    junk: new Float32Array(count),
    poses: {
      rotations: { kind: "rotations", count, matrices: new Float64Array(9 * count) },
      shiftsAngstrom: new Float64Array(2 * count),
    },
    z: new Float32Array(count * zDim),
    evidence: new Float64Array(count),
  };
}
