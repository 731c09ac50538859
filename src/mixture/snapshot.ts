/** @file A run, as its caller sees it between two batches. */
import type { Volume } from "../core/types.js";
import { decodeVolume } from "../field/decode.js";
import { volumeFromRaster } from "../imaging/raster-volume.js";
import { rotationOfPose } from "../pose/pose-row.js";
import type { Batch } from "./batch-plan.js";
import { bestSeed, isJunk } from "./image-table.js";
import { checkpointOf } from "./mixture-checkpoint.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import type { Assignments, MixtureState } from "./state.js";

/** The state after the latest batch. Maps are decoded when asked for, and only until the run goes on. */
export function mixtureState(run: MixtureRun, tools: MixtureTools, batch: Batch, steps: number): MixtureState {
  const { settings } = batch;
  const { table, options } = run;
  const visited = table.classes.reduce((n, k) => n + (k >= 0 ? 1 : 0), 0);
  const volumeAt = (classIndex: number, z: ArrayLike<number>): Promise<Volume> =>
    decodeClass(run, tools, settings.radius, classIndex, z);
  return {
    kind: "mixture-state",
    step: run.step,
    steps,
    pass: batch.pass + (batch.to === batch.of ? 1 : 0),
    fraction: run.step / steps,
    settings,
    classWeights: run.weights.slice(),
    logEvidence: table.evidence.reduce((a, b) => a + b, 0) / visited,
    changed: table.changed.reduce((a, b) => a + b, 0) / visited,
    imagesPerSecond: run.imagesPerSecond,
    joining: run.joining,
    axes: run.axes.slice(),
    assignments: () => assignments(run),
    volumes: () => inOrder(run.fields.length, (k) => volumeAt(k, new Float32Array(options.zDim))),
    volumeAt,
    checkpoint: () => checkpointOf(run),
  };
}

function assignments({ set, fields, table, options }: MixtureRun): Assignments {
  const { zDim } = options;
  const K = fields.length;
  const matrices = new Float64Array(9 * set.count);
  const shiftsAngstrom = new Float64Array(2 * set.count);
  const z = new Float32Array(zDim * set.count);
  for (let i = 0; i < set.count; i++) {
    const k = Math.max(0, table.classes[i]!);
    const at = bestSeed(i * K + k);
    if (table.classes[i]! < 0) {
      matrices.set([1, 0, 0, 0, 1, 0, 0, 0, 1], 9 * i);
      continue;
    }
    matrices.set(rotationOfPose(table.seeds, at), 9 * i);
    shiftsAngstrom[2 * i] = table.seeds[at + 6]! * set.pixelSizeAngstrom;
    shiftsAngstrom[2 * i + 1] = table.seeds[at + 7]! * set.pixelSizeAngstrom;
    z.set(table.z.subarray((i * K + k) * zDim, (i * K + k + 1) * zDim), i * zDim);
  }
  return {
    classes: table.classes.map((k, i) => (isJunk(table, i) ? -1 : k)),
    junk: table.junk.slice(),
    posterior: table.posterior.map((p, at) => p * (1 - table.junk[Math.floor(at / K)]!)),
    poses: { rotations: { kind: "rotations", count: set.count, matrices }, shiftsAngstrom },
    z,
    evidence: table.evidence.slice(),
  };
}

/**
 * The map of a class in units of the normalised images: the whitening is taken back shell by shell. A class that has
 * not begun to flex (or has no images to) is its reference; one that has is its field at z.
 */
async function decodeClass(
  { set, fields, optimisers, references, flexing }: MixtureRun,
  { evaluator }: MixtureTools,
  radius: number,
  classIndex: number,
  z: ArrayLike<number>,
): Promise<Volume> {
  const { box, pixelSizeAngstrom, noiseSigma: gain } = set;
  if (!flexing || Object.keys(optimisers[classIndex]!.state).length === 0) {
    return volumeFromRaster(references[classIndex]!, { box, pixelSizeAngstrom, radius, gain, undoKernel: true });
  }
  const envelope = set.signalEnvelope.map((a, s) => a * gain[s]!);
  const decoding = { box, pixelSizeAngstrom, radius, z: Float32Array.from(z), envelope };
  return decodeVolume(evaluator, fields[classIndex]!, decoding);
}

async function inOrder<T>(count: number, make: (index: number) => Promise<T>): Promise<readonly T[]> {
  const out: T[] = [];
  for (let i = 0; i < count; i++) out.push(await make(i));
  return out;
}
