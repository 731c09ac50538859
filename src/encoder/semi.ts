/**
 * @file A step of semi-amortised training: the network proposes, a local search improves, both sides learn from it.
 *
 * The search (pose/search.ts) descends from the proposals of all heads and versions; a few images are searched
 * everywhere, so that what no head proposes can be found. Poses are drawn from the posterior while it is broad (design
 * 6.8). The network imitates the drawn poses on freshly turned images.
 */
import type { Random } from "../core/random.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { type FlexingImages, updateLatents } from "../mixture/latents.js";
import { drawIndex, largestIndex } from "../mixture/responsibility.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { createSearchPool } from "../pose/search-pool.js";
import type { EncoderConfig, EncoderNetwork } from "./encoder.js";
import type { InputReader } from "./encoder-input.js";
import { createImitation, type EncoderOptimiser } from "./encoder-trainer.js";
import type { FieldSide } from "./field-side.js";
import { emptyLesson, randomInPlane, teachInto } from "./imitation.js";
import { localPlan } from "./local-plan.js";
import { likeliestHeads, type Proposals } from "./proposals.js";

export interface SemiTraining {
  setReferences(rasters: readonly (readonly FourierRaster[])[], radius: number, at: number): Promise<void>;
  /** The imitation's loss. */
  step(
    tools: {
      readonly network: EncoderNetwork;
      readonly optimiser: EncoderOptimiser;
      readonly fields: FieldSide;
      readonly perPixel: number;
    },
    indices: Int32Array,
    proposals: Proposals,
    settings: { readonly radius: number; readonly latents: boolean; readonly random: Random },
  ): Promise<number>;
  dispose(): Promise<void>;
}

/** Poses kept by the search, and so proposals taken per image and species. */
const KEEP = 8;
/** All images are searched everywhere until this share of the training; then fewer and fewer, down to the least. */
const EVERYWHERE_UNTIL = 0.35;
const LEAST_EVERYWHERE = 0.03;
/** Poses are drawn at this fraction of the likelihood that a right pose gains, falling to 1. */
const HOT = 0.04;

export async function openSemi(
  reader: PreparedReader,
  config: EncoderConfig,
  options: { readonly batch: number; readonly threads: number; readonly input: InputReader },
): Promise<SemiTraining> {
  const { batch: B, threads, input } = options;
  const { classes: K, zDim, poseHeads: M } = config;
  const { set } = reader;
  const search = createSearchPool(set, threads);
  const imitation = await createImitation(config, { batch: B, threads });
  const lesson = emptyLesson(config, B);
  let rasters: readonly (readonly FourierRaster[])[] = [];
  let temperature = 1;
  let everywhere = 1;

  /** Starting poses: Float64[B K keep 9]; the first score −Infinity asks for a global search. */
  const starts = (B: number, { outputs, poses, versions }: Proposals, random: Random): Float64Array => {
    const out = new Float64Array(B * K * KEEP * POSE_STRIDE).fill(-Infinity);
    for (let b = 0; b < B; b++) {
      if (random.uniform() < everywhere) continue;
      for (let k = 0; k < K; k++)
        for (let v = 0; v < versions; v++) {
          const base = ((v * B + b) * K + k) * M;
          likeliestHeads(outputs.headLogits, base, M, KEEP / versions).forEach((h, i) => {
            const from = (base + h) * POSE_STRIDE;
            const to = ((b * K + k) * KEEP + i * versions + v) * POSE_STRIDE;
            out.set(poses.subarray(from, from + POSE_STRIDE), to);
            out[to + 8] = 0;
          });
        }
    }
    return out;
  };

  return {
    async setReferences(next, radius, at) {
      rasters = next;
      temperature = Math.max(0.3, HOT * gainOf(reader, radius) * (1 - at / 0.6));
      everywhere = Math.max(LEAST_EVERYWHERE, 1 - Math.max(0, at - EVERYWHERE_UNTIL) / 0.15);
      const plan = localPlan(set, radius, { keep: KEEP, levels: 3, temperature });
      await search.setReferences(
        next.map(([rest]) => rest!),
        plan,
      );
    },
    async step({ network, optimiser, fields, perPixel }, indices, proposals, { radius, latents, random }) {
      const { poses, evidence } = await search.search(indices, random, starts(B, proposals, random));
      const posterior = new Float64Array(K);
      for (let b = 0; b < B; b++) {
        const top = evidence[b * K + largestIndex(evidence, b * K, K)]!;
        let sum = 0;
        for (let k = 0; k < K; k++) sum += posterior[k] = Math.exp((evidence[b * K + k]! - top) / temperature);
        for (let k = 0; k < K; k++) posterior[k]! /= sum;
        const k = drawIndex(posterior, 0, K, random);
        const at = drawnPose(poses, (b * K + k) * KEEP * POSE_STRIDE, temperature, random);
        const z = new Float32Array(zDim);
        if (latents) {
          const one: FlexingImages = {
            images: [indices[b]!],
            poses: Float32Array.from(poses.subarray(at, at + POSE_STRIDE)),
            z,
          };
          updateLatents(reader, rasters[k]!, one, radius);
        }
        fields.remember(k, indices[b]!, poses, at, z, 0);
        const taught = { pose: poses, poseAt: at, classIndex: k, posterior, posteriorAt: 0, z, zAt: 0 };
        teachInto(lesson, b, config, input.read(indices[b]!), taught, randomInPlane(random), perPixel);
      }
      return (await imitation.step(network, optimiser, lesson.images, lesson.lesson)).loss;
    },
    async dispose() {
      await search.dispose();
      await imitation.dispose();
    },
  };
}

/** One of the kept poses at `from`, with probability ∝ exp(score / T). */
function drawnPose(poses: Float64Array, from: number, temperature: number, random: Random): number {
  let top = -Infinity;
  for (let i = 0; i < KEEP; i++) top = Math.max(top, poses[from + i * POSE_STRIDE + 8]!);
  const weights = Float64Array.from({ length: KEEP }, (_, i) =>
    Math.exp((poses[from + i * POSE_STRIDE + 8]! - top) / temperature),
  );
  return from + drawIndex(weights, 0, KEEP, random) * POSE_STRIDE;
}

/** Mean of ½ Σ C²E² within `radius`: what the right pose adds to the log-likelihood. */
function gainOf(reader: PreparedReader, radius: number): number {
  const { set, plane } = reader;
  const points = reader.points(radius);
  const contrast = new Float32Array(points);
  const images = Math.min(20, set.count);
  let gain = 0;
  for (let i = 0; i < images; i++) {
    reader.readContrast(i, contrast);
    for (let p = 0; p < points; p++) gain += (contrast[p]! * set.signalEnvelope[plane.shell[p]!]!) ** 2 / images;
  }
  return gain;
}
