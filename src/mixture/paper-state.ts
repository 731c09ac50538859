/** @file A run of the published schedule, as its caller sees it between two steps. */
import type { Volume } from "../core/types.js";
import { decodeVolume } from "../field/decode.js";
import { rotationOfSix } from "../geometry/six-numbers.js";
import { classProbabilities } from "./paper-classes.js";
import { type PaperRun, type PaperTools, paperCheckpoint, paperRadius } from "./paper-run.js";
import type { PaperStep } from "./paper-schedule.js";
import { meanLatent } from "./paper-search.js";
import { presentValues } from "./paper-tables.js";
import type { Assignments, MixtureState } from "./state.js";

/** The state after `step`, of `steps`. Maps are decoded when asked for, and only until the run goes on. */
export function paperState(run: PaperRun, tools: PaperTools, step: PaperStep, steps: number): MixtureState {
  const { set, fields, schedule } = run;
  const K = fields.length;
  const visited = run.classes.reduce((n, k) => n + (k >= 0 ? 1 : 0), 0);
  const volumeAt = (classIndex: number, z: ArrayLike<number>): Promise<Volume> =>
    decodeClass(run, tools, classIndex, z);
  return {
    kind: "mixture-state",
    step: run.step,
    steps,
    pass: step.pass + (step.to === set.count ? 1 : 0),
    fraction: run.step / steps,
    settings: {
      stage: step.stage,
      radius: paperRadius(set),
      poseTemperature: 0,
      // What the mean in the loss makes of the likelihood of 2 n numbers.
      classTemperature: 2 * tools.trainer.points * schedule.sigma ** 2,
    },
    classWeights: meanProbabilities(run.tables.scores.values, K),
    logEvidence: run.evidence.reduce((a, b) => a + b, 0) / visited,
    changed: run.changed.reduce((a, b) => a + b, 0) / visited,
    imagesPerSecond: run.imagesPerSecond,
    joining: [],
    axes: new Int32Array(K).fill(run.options.zDim),
    assignments: () => assignments(run),
    volumes: async () => {
      const maps: Volume[] = [];
      for (let k = 0; k < K; k++) maps.push(await volumeAt(k, meanLatent(run, k)));
      return maps;
    },
    volumeAt,
    checkpoint: () => paperCheckpoint(run),
  };
}

function assignments({ set, fields, tables, options, classes, evidence }: PaperRun): Assignments {
  const K = fields.length;
  const { count, pixelSizeAngstrom } = set;
  const { zDim } = options;
  const scores = presentValues(tables.scores);
  const rotations = presentValues(tables.rotations);
  const shifts = presentValues(tables.shifts);
  const latents = presentValues(tables.z);
  const posterior = new Float32Array(count * K);
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  const z = new Float32Array(zDim * count);
  for (let i = 0; i < count; i++) {
    posterior.set(classProbabilities(scores, i * K, K), i * K);
    const slot = i * K + Math.max(0, classes[i]!);
    matrices.set(rotationOfSix(rotations, 6 * slot), 9 * i);
    for (let a = 0; a < 2; a++) shiftsAngstrom[2 * i + a] = shifts[2 * slot + a]! * pixelSizeAngstrom;
    z.set(latents.subarray(slot * zDim, (slot + 1) * zDim), i * zDim);
  }
  const poses = { rotations: { kind: "rotations", count, matrices } as const, shiftsAngstrom };
  return {
    classes: classes.slice(),
    posterior,
    junk: new Float32Array(set.count),
    poses,
    z,
    evidence: evidence.slice(),
  };
}

/** Float64[K]: mean of p over the images. */
function meanProbabilities(scores: Float32Array, K: number): Float64Array {
  const sum = new Float64Array(K);
  for (let at = 0; at < scores.length; at += K)
    classProbabilities(scores, at, K).forEach((p, k) => {
      sum[k]! += p;
    });
  return sum.map((s) => (s * K) / scores.length);
}

/** In units of the normalised images: the whitening is taken back shell by shell. */
function decodeClass(
  { set, fields }: PaperRun,
  { evaluator }: PaperTools,
  classIndex: number,
  z: ArrayLike<number>,
): Promise<Volume> {
  const { box, pixelSizeAngstrom, noiseSigma, signalEnvelope } = set;
  const envelope = signalEnvelope.map((a, s) => a * noiseSigma[s]!);
  const decoding = { box, pixelSizeAngstrom, radius: paperRadius(set), z: Float32Array.from(z), envelope };
  return decodeVolume(evaluator, fields[classIndex]!, decoding);
}
