/**
 * @file A step of amortised training: reconstruction alone teaches the network (cryoFIRE; methods.md 3.3, 3.4).
 *
 *     L_i = min over versions v and heads h of the misfit of image i at the pose the network gives for version v
 *
 * Version 1 is the mirror image: the same particle seen from behind, at a known other pose. The network need be right
 * on one of the two, which lets it leave volumes of false symmetry; gradients flow through the best alone. With several
 * species the one that counts is drawn from their posterior.
 */
import type { Random } from "../core/random.js";
import { drawIndex } from "../mixture/responsibility.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { EncoderConfig, EncoderNetwork } from "./encoder.js";
import type { EncoderOptimiser, EncoderOutputs, EncoderTrainer } from "./encoder-trainer.js";
import type { FieldSide } from "./field-side.js";
import { changePoseInto } from "./in-plane.js";
import type { Proposals } from "./proposals.js";
import type { PoseGradient, RasterDecoder, RasterLoss } from "./raster-loss.js";

export interface AmortisedStep {
  /** Mean misfit of the best poses; 1 where volumes explain all but the noise. */
  readonly loss: number;
  /** Share of the images whose mirror image fitted better. */
  readonly mirrored: number;
}

/** One image teaches the network no more than this, however large its gradient: rows of R. */
const LARGEST_PULL = 2;
/** Share of the images that learn at a random proposal instead of the best, so that no head is left behind. */
const EXPLORE = 0.03;
/** Weight of the choice among heads. */
const HEAD_WEIGHT = 0.2;
/** Classes are as good as decided by the whole image; at first they are not. Softens their posterior. */
const CLASS_TEMPERATURE = 4;

/** Move the network along the gradient of the best proposals; tell the fields what was found. */
export async function amortisedStep(
  tools: {
    readonly network: EncoderNetwork;
    readonly optimiser: EncoderOptimiser;
    readonly pullBack: EncoderTrainer<EncoderOutputs>;
    readonly loss: RasterLoss;
    readonly fields: FieldSide;
    readonly perPixel: number;
  },
  indices: ArrayLike<number>,
  proposals: Proposals,
  settings: {
    readonly decoders: readonly RasterDecoder[];
    readonly radius: number;
    /** Half-plane points within the radius. */
    readonly points: number;
    readonly latents: boolean;
    readonly random: Random;
  },
): Promise<AmortisedStep> {
  const { network, optimiser, pullBack, loss, fields, perPixel } = tools;
  const { decoders, radius, points, latents, random } = settings;
  const { config } = network;
  const { inputBox, classes: K, zDim, poseHeads: M } = config;
  const { outputs, poses, changes, images, versions } = proposals;
  const B = indices.length;
  const pull = emptyPull(config, B);
  const seen = new Float32Array(B * inputBox ** 2);
  const rest = new Float32Array(zDim);
  const gradient: PoseGradient = { rows: new Float64Array(6), shift: new Float64Array(2), z: new Float64Array(zDim) };
  let [total, mirrored] = [0, 0];
  for (let b = 0; b < B; b++) {
    loss.load(indices[b]!, radius);
    const zOf = (n: number, k: number): Float32Array =>
      latents ? outputs.zMean.subarray((n * K + k) * zDim, (n * K + k + 1) * zDim) : rest;
    const best = decoders.map((decoder, k) => {
      let [least, at] = [Infinity, 0];
      for (let v = 0; v < versions; v++)
        for (let h = 0; h < M; h++) {
          const n = v * B + b;
          const place = (n * K + k) * M + h;
          const value = loss.value(decoder, poses, place * POSE_STRIDE, zOf(n, k), 0);
          if (value < least) [least, at] = [value, place];
        }
      return { least, at };
    });
    const lowest = Math.min(...best.map(({ least }) => least));
    const posterior = best.map(({ least }) => Math.exp(((lowest - least) * points) / CLASS_TEMPERATURE));
    const sum = posterior.reduce((a, c) => a + c, 0);
    const k = K === 1 ? 0 : drawIndex(posterior, 0, K, random);
    const place =
      random.uniform() < EXPLORE ? ((random.integer(versions) * B + b) * K + k) * M + random.integer(M) : best[k]!.at;
    const n = Math.floor(place / (K * M));
    const z = zOf(n, k);
    total += loss.gradient(gradient, decoders[k]!, poses, place * POSE_STRIDE, z, 0) / B;
    mirrored += (n >= B ? 1 : 0) / B;
    fields.remember(k, indices[b]!, poses, place * POSE_STRIDE, z, 0);

    seen.set(images.subarray(n * inputBox ** 2, (n + 1) * inputBox ** 2), b * inputBox ** 2);
    // The pose of the version is linear in the pose of the image (but for d = 0), and orthogonal: so are gradients.
    const row = Float64Array.from([...gradient.rows, ...gradient.shift]);
    changePoseInto(row, 0, changes[n]!, row.slice(), 0);
    const size = (points * Math.hypot(...gradient.rows)) / LARGEST_PULL;
    const gain = points / (1 + size) / B;
    const head = place % M;
    const pose = 6 * ((b * K + k) * M + head);
    for (let i = 0; i < 6; i++) pull.rotations[pose + i] = gain * row[i]!;
    for (let i = 0; i < 2; i++) pull.shift[2 * b + i] = (gain * row[6 + i]!) / perPixel;
    addChoice(pull.headLogits, (b * K + k) * M, outputs.headLogits, (n * K + k) * M, M, head, HEAD_WEIGHT / B);
    if (K > 1)
      for (let c = 0; c < K; c++)
        pull.classLogits[b * K + c] = (softmaxAt(outputs.classLogits, n * K, K, c) - posterior[c]! / sum) / B;
    if (latents)
      for (let j = 0; j < zDim; j++)
        pull.zMean[(b * K + k) * zDim + j] = gain * gradient.z[j]! + ((1 / (1 + size)) * z[j]!) / B;
  }
  await pullBack.step(network, optimiser, seen, pull);
  return { loss: total, mirrored };
}

/** Gradient of the cross entropy of one choice among `count` logits. */
function addChoice(
  out: Float32Array,
  outAt: number,
  logits: Float32Array,
  at: number,
  count: number,
  chosen: number,
  weight: number,
): void {
  for (let i = 0; i < count; i++)
    out[outAt + i]! += weight * (softmaxAt(logits, at, count, i) - (i === chosen ? 1 : 0));
}

/** Entry i of the softmax of `logits[at..at+count)`. */
export function softmaxAt(logits: ArrayLike<number>, at: number, count: number, i: number): number {
  let top = -Infinity;
  for (let c = 0; c < count; c++) top = Math.max(top, logits[at + c]!);
  let sum = 0;
  for (let c = 0; c < count; c++) sum += Math.exp(logits[at + c]! - top);
  return Math.exp(logits[at + i]! - top) / sum;
}

function emptyPull({ classes: K, zDim, poseHeads: M }: EncoderConfig, B: number): Required<EncoderOutputs> {
  return {
    rotations: new Float32Array(6 * B * K * M),
    headLogits: new Float32Array(B * K * M),
    shift: new Float32Array(2 * B),
    classLogits: new Float32Array(B * K),
    zMean: new Float32Array(B * K * zDim),
    zLogVariance: new Float32Array(B * K * zDim),
  };
}
