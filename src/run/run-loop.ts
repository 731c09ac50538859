/**
 * @file A whole reconstruction, from the particle file to the results in the run folder, in the process that computes.
 *
 * Order of writes: what is in a checkpoint is never ahead of run.json by more than one interval, and every file is
 * replaced whole, so the process may be killed at any time and the run resumed to the same numbers.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { IolausError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../io/checkpoint.js";
import { openParticles, type Particles } from "../io/particles.js";
import type { MixtureCheckpoint, MixtureOptions, MixtureState, PaperMixtureOptions } from "../mixture/state.js";
import { openClassHistory } from "./class-history.js";
import { checkSameInput, fingerprint, type InputFingerprint } from "./input-fingerprint.js";
import { appendProgress, type ProgressRow, progressRow, truncateProgress } from "./progress-log.js";
import { claimFolder, type RunFolder, reclaimFolder } from "./run-folder.js";
import { newManifest, type RunManifest, readManifest, thisProcess, writeManifest } from "./run-manifest.js";
import { checkRequest, checkUnchanged, type RunRequest, resolveMachinery, resolveSettings } from "./run-options.js";
import { createPreviewer } from "./run-preview.js";
import { writeResults } from "./run-results.js";
import { workingSet } from "./working-set.js";

/** `reconstructMixture`, or what stands in for it. */
export type Reconstructor = (
  set: PreparedParticles,
  options: MixtureOptions | PaperMixtureOptions,
  resume?: MixtureCheckpoint,
) => AsyncGenerator<MixtureState, void>;

export interface RunHooks {
  readonly onProgress?: (progress: Progress) => void;
  readonly onStep?: (row: ProgressRow) => void;
  readonly signal?: AbortSignal;
}

/** How the run stands afterwards. */
export type RunEnd = "done" | "stopped" | "out-of-time";

/** A run under way. */
interface OpenRun {
  readonly folder: RunFolder;
  readonly source: Particles;
  manifest: RunManifest;
}

/** Begin the run, or go on with it, up to its end or until the caller stops it. */
export async function runLoop(
  particles: string,
  request: RunRequest,
  reconstructor: Reconstructor,
  hooks: RunHooks = {},
): Promise<RunEnd> {
  checkRequest(request);
  const run = await openRunFolder(particles, request);
  try {
    if (run.manifest.status === "done") return "done";
    const set = await timedWorkingSet(run, hooks);
    return await compute(run, set, reconstructor, hooks);
  } catch (error) {
    giveUp(run, error);
    throw error;
  } finally {
    run.source.close();
  }
}

async function openRunFolder(particles: string, request: RunRequest): Promise<OpenRun> {
  const { out, resume = false, dataDir, ctf, pixelSizeAngstrom } = request;
  // A folder that is taken is the first thing to say; an attempt that fails must not leave one.
  const folder = resume ? reclaimFolder(out) : claimFolder(out);
  try {
    const before = resume ? readManifest(folder.file("manifest")) : undefined;
    if (before !== undefined) checkUnchanged(request, before.settings);
    const asked = before?.settings ?? { ctf, pixelSizeAngstrom };
    const { passthrough = before?.machinery.passthrough ?? [], ctfPkl = before?.machinery.ctfPkl } = request;
    const source = await openParticles(particles, {
      ...(dataDir !== undefined && { dataDir }),
      passthrough,
      ...(ctfPkl != null && { ctfPkl }),
      ...(asked.ctf !== undefined && { ctf: asked.ctf }),
      ...(asked.pixelSizeAngstrom != null && { pixelSizeAngstrom: asked.pixelSizeAngstrom }),
    });
    const input = await fingerprint(source, dataDir);
    const machinery = resolveMachinery({ ...request, passthrough, ...(ctfPkl != null && { ctfPkl }) });
    if (before?.status === "done") {
      checkSameInput(input, before.input);
      return { folder, source, manifest: before };
    }
    const manifest =
      before === undefined
        ? newManifest(resolveSettings(request, source), machinery, input)
        : resumed(before, machinery, input);
    writeManifest(folder.file("manifest"), manifest);
    return { folder, source, manifest };
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

function resumed(before: RunManifest, machinery: RunManifest["machinery"], input: InputFingerprint): RunManifest {
  checkSameInput(input, before.input);
  const { reason: _, ...rest } = before;
  const timings = { ...before.timings, resumed: before.timings.resumed + 1 };
  return { ...rest, status: "running", process: thisProcess(), machinery, input, timings };
}

async function timedWorkingSet(run: OpenRun, hooks: RunHooks): Promise<PreparedParticles> {
  const { folder, source, manifest } = run;
  const start = performance.now();
  const { settings, machinery } = manifest;
  const set = await workingSet(source, folder, { settings, machinery, ...hooks });
  const prepareSeconds = manifest.timings.prepareSeconds + (performance.now() - start) / 1000;
  const contrast = { dataSign: set.dataSign, detected: set.contrastSign.sign, score: set.contrastSign.score };
  update(run, { contrast, timings: { ...manifest.timings, prepareSeconds } });
  return set;
}

async function compute(
  run: OpenRun,
  set: PreparedParticles,
  reconstructor: Reconstructor,
  hooks: RunHooks,
): Promise<RunEnd> {
  const { folder, manifest } = run;
  const { classes, mostClasses, junk, zDim, seed, passes, batch, schedule } = manifest.settings;
  const { threads, maxMinutes, checkpointSeconds } = manifest.machinery;
  const saved = existsSync(folder.file("checkpoint")) ? readSaved(folder) : undefined;
  truncateProgress(folder.file("progress"), saved?.step ?? 0);
  const begun = performance.now();
  const before = saved?.seconds ?? 0;
  let lastSave = -Infinity; // the first step is kept: force may stop the second
  let unsaved: (() => void) | undefined;
  const history = openClassHistory(folder.file("classes"), saved?.step ?? 0);
  const preview = createPreviewer(folder.file("preview"));
  const shared = {
    ...{ classes, mostClasses, junk, zDim, seed, passes, batch, threads },
    ...(hooks.signal && { signal: hooks.signal }),
  };
  const options = schedule === "paper" ? { ...shared, schedule } : shared;
  for await (const state of reconstructor(set, options, saved?.mixture)) {
    await setImmediate(); // lets a request to stop come through
    const now = performance.now();
    const seconds = before + (now - begun) / 1000;
    const row = progressRow(state, set, seconds);
    checkFinite(row);
    appendProgress(folder.file("progress"), row);
    hooks.onStep?.(row);
    const isLast = state.fraction >= 1;
    const isOutOfTime = maxMinutes !== null && state.pass >= 1 && now - begun > 60_000 * maxMinutes;
    const isStopped = hooks.signal?.aborted ?? false;
    const earlier = history.passes();
    if (!isLast) history.note(state.step, state.pass, () => state.assignments().classes);
    if (isLast || (isOutOfTime && !isStopped)) {
      const classes = await writeResults(folder, run.source, set, { manifest: run.manifest, state, history: earlier });
      rmSync(folder.file("preview"), { force: true });
      save(run, state, seconds);
      const reason = isLast ? {} : { reason: `out of time (maxMinutes ${maxMinutes})` };
      end(run, isLast ? "done" : "stopped", { ...reason, classes });
      return isLast ? "done" : "out-of-time";
    }
    if (isStopped) {
      save(run, state, seconds);
      end(run, "stopped", { reason: "the caller asked" });
      return "stopped";
    }
    unsaved = () => save(run, state, seconds);
    if (now - lastSave > 1000 * checkpointSeconds) {
      unsaved();
      unsaved = undefined;
      lastSave = performance.now();
    }
    await preview(state);
  }
  if (hooks.signal?.aborted) {
    unsaved?.(); // asked between two steps
    end(run, "stopped", { reason: "the caller asked" });
    return "stopped";
  }
  // No step was left: only the last word of run.json was missing.
  end(run, "done");
  return "done";
}

function checkFinite({ step, logEvidence, classWeights }: ProgressRow): void {
  if (Number.isFinite(logEvidence) && classWeights.every(Number.isFinite)) return;
  const advice = "look for damaged images among the particles; the last checkpoint is kept";
  throw new IolausError("diverged", `step ${step}: expected a finite log-evidence, got ${logEvidence}; ${advice}`);
}

interface Saved {
  readonly step: number;
  readonly seconds: number;
  readonly mixture: MixtureCheckpoint;
}

function save(run: OpenRun, state: MixtureState, seconds: number): void {
  const path = run.folder.file("checkpoint");
  mkdirSync(dirname(path), { recursive: true });
  const { meta: mixture, arrays } = state.checkpoint();
  writeCheckpoint(path, { meta: { step: state.step, seconds, mixture }, arrays });
  const timings = { ...run.manifest.timings, computeSeconds: seconds };
  update(run, { step: state.step, steps: state.steps, timings });
}

function readSaved(folder: RunFolder): Saved {
  const { meta, arrays } = readCheckpoint(folder.file("checkpoint")) as Checkpoint & {
    meta: { step: number; seconds: number; mixture: MixtureCheckpoint["meta"] };
  };
  return { step: meta.step, seconds: meta.seconds, mixture: { meta: meta.mixture, arrays } };
}

function update(run: OpenRun, change: Partial<RunManifest>): void {
  run.manifest = { ...run.manifest, ...change };
  writeManifest(run.folder.file("manifest"), run.manifest);
}

function end(run: OpenRun, status: RunManifest["status"], change: Partial<RunManifest> = {}): void {
  const { process: _, ...rest } = run.manifest;
  run.manifest = rest;
  update(run, { status, ...change, timings: { ...rest.timings, ended: new Date().toISOString() } });
}

/** A run that never got under way leaves nothing; one that did says why it ended. */
function giveUp(run: OpenRun, error: unknown): void {
  const { folder, manifest } = run;
  if (error instanceof IolausError && error.code === "cancelled") end(run, "stopped", { reason: "the caller asked" });
  else if (!existsSync(folder.file("preparedFacts")) && manifest.timings.resumed === 0) folder.abandon();
  else end(run, "failed", { reason: error instanceof Error ? error.message : String(error) });
}
