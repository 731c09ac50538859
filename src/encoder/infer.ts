/**
 * @file Inference on images never seen: one pass of the network, and one local search each where asked.
 *
 * Images stream through in chunks; nothing but a chunk is held, however many there are. With a decoder the pose is the
 * one of the likeliest heads, of the image and of its mirror image, that explains the image best, at a few microseconds
 * per proposal, and images that no species explains are told from the others.
 */

import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom } from "../core/random.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import { updateLatents } from "../mixture/latents.js";
import { largestIndex } from "../mixture/responsibility.js";
import { POSE_STRIDE, rotationOfPose } from "../pose/pose-row.js";
import type { PoseSearch } from "../pose/search.js";
import { createSearchPool } from "../pose/search-pool.js";
import { softmaxAt } from "./amortise.js";
import { createInputReader, envelopeFor } from "./encoder-input.js";
import type { Decoder } from "./encoder-options.js";
import { createEncoderForward } from "./encoder-trainer.js";
import { decodersOf, openFieldSide } from "./field-side.js";
import { refinementPlan } from "./local-plan.js";
import { likeliestHeads, type Proposals, propose } from "./proposals.js";
import { anchoredRasters, createRasterLoss, type RasterDecoder, type RasterLoss } from "./raster-loss.js";
import type { Encoder } from "./trained-encoder.js";

export interface InferOptions {
  /** The volumes behind the images: fields or rasters. Needed to refine and to find images unlike all species. */
  readonly decoder?: Decoder | readonly RasterDecoder[];
  /** `local`: a local pose search and a closed-form conformation for every image. @default "none" */
  readonly refine?: "none" | "local";
  /** Fourier pixels of the refinement. @default 14 periods across the particle, at most box/2 − 1 */
  readonly radius?: number;
  /** Images of one chunk. @default 256 */
  readonly chunk?: number;
  /** @default 2 */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Reasons to doubt an image, added up. */
export const DOUBTS: { readonly pose: 1; readonly species: 2; readonly unlike: 4 } = { pose: 1, species: 2, unlike: 4 };

/** What is said of the images from..from+count of the set; arrays as in mixture/state.ts `Assignments`. */
export interface InferenceChunk {
  readonly from: number;
  readonly count: number;
  readonly classes: Int32Array;
  readonly posterior: Float32Array;
  /** Float64[count 9] */
  readonly matrices: Float64Array;
  /** Float64[count 2] */
  readonly shiftsAngstrom: Float64Array;
  readonly z: Float32Array;
  /** Float64[count]: log-likelihood over that of no particle at all; 0 without a decoder. */
  readonly evidence: Float64Array;
  /** Uint8[count]: 0, or a sum of `DOUBTS`. */
  readonly doubts: Uint8Array;
}

/** The poses that the heads hold likely are further apart than this. */
const LARGEST_SPREAD_RAD = 15 * RADIANS_PER_DEGREE;
/** Heads less likely than this are not listened to. */
const LEAST_HEAD = 0.1;
const LEAST_POSTERIOR = 0.8;
/** An image that gains less than this share of what a particle of that species gains on average is unlike. */
const LEAST_GAIN = 0.35;
/** Species less likely than this are not refined. */
const LEAST_REFINED = 0.01;
/** Periods across the particle at which poses are refined and images judged. */
const PERIODS = 14;
/** Heads of a species and version that are tried. */
const TRIED_HEADS = 4;
/** Proposals, some 10° off, are compared up to this many periods across the particle. */
const TRIED_PERIODS = 6;

interface Inference {
  readonly set: PreparedParticles;
  readonly reader: PreparedReader;
  readonly encoder: Encoder;
  readonly radius: number;
  /** Of every species: at rest, then +1 and −1 on each axis of z. */
  readonly rasters: readonly (readonly FourierRaster[])[];
  readonly decoders: readonly RasterDecoder[];
  readonly loss: RasterLoss;
  readonly search: PoseSearch | undefined;
}

/** Infer all images of `set` in order. The set must be prepared at the encoder's box. */
export async function* inferImages(
  set: PreparedParticles,
  encoder: Encoder,
  options: InferOptions = {},
): AsyncGenerator<InferenceChunk, void> {
  const { decoder, refine = "none", chunk = 256, threads = 2, onProgress, signal } = options;
  const { network, input } = encoder;
  const { config } = network;
  const reader = openPrepared(set);
  const versions = decoder === undefined ? 1 : 2;
  const forward = await createEncoderForward(config, { batch: versions * chunk, threads });
  const finest = (PERIODS * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
  const radius = options.radius ?? Math.min(Math.floor(finest), set.box / 2 - 1);
  const rasters = decoder === undefined ? [] : await rasteriseFor(reader, encoder, decoder, radius, threads);
  const search = refine === "local" && decoder !== undefined ? createSearchPool(set, threads) : undefined;
  const inference: Inference = {
    ...{ set, reader, encoder, radius, rasters, search },
    decoders: decodersOf(rasters),
    loss: createRasterLoss(reader),
  };
  try {
    await search?.setReferences(
      rasters.map(([rest]) => rest!),
      refinementPlan(set, radius),
    );
    const inputs = createInputReader(reader, input);
    const random = seededRandom(1);
    const asks = { network, forward, input: inputs, perPixel: inputs.perPixel };
    for (let from = 0; from < set.count; from += chunk) {
      checkCancelled(signal);
      const count = Math.min(chunk, set.count - from);
      const indices = Int32Array.from({ length: count }, (_, i) => from + i);
      const proposals = await propose(asks, indices, { versions, turn: false, random });
      yield await inferChunk(inference, indices, proposals, chunk);
      onProgress?.({ stage: "infer", fraction: (from + count) / set.count });
    }
  } finally {
    await search?.dispose();
    await forward.dispose();
    reader.close();
  }
}

async function rasteriseFor(
  reader: PreparedReader,
  { input, network }: Encoder,
  decoder: Decoder | readonly RasterDecoder[],
  radius: number,
  threads: number,
): Promise<readonly (readonly FourierRaster[])[]> {
  if (!("fields" in decoder)) return decoder.map(anchoredRasters);
  const heard = { ...reader, set: { ...reader.set, signalEnvelope: envelopeFor(input, reader.set) } };
  const fields = await openFieldSide(heard, decoder, threads);
  try {
    return await fields.rasters(radius, network.config.zDim > 0);
  } finally {
    await fields.dispose();
  }
}

async function inferChunk(
  inference: Inference,
  indices: Int32Array,
  proposals: Proposals,
  B: number,
): Promise<InferenceChunk> {
  const { set, encoder, decoders, loss, radius, reader } = inference;
  const { classes: K, zDim, poseHeads: M } = encoder.network.config;
  const { outputs, poses, versions } = proposals;
  const count = indices.length;
  const found = emptyChunk(indices[0]!, count, K, zDim);
  const tried = Math.min(radius, (TRIED_PERIODS * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom);
  const [points, triedPoints] = [reader.points(radius), reader.points(tried)];
  const chosen = new Float64Array(count * K * POSE_STRIDE);
  for (let b = 0; b < count; b++) {
    for (let k = 0; k < K; k++) found.posterior[b * K + k] = softmaxAt(outputs.classLogits, b * K, K, k);
    if (decoders.length > 0) loss.load(indices[b]!, tried);
    for (let k = 0; k < K; k++) {
      const isTried = decoders.length > 0 && found.posterior[b * K + k]! >= LEAST_REFINED;
      let [best, top] = [0, -Infinity];
      for (let v = 0; v < versions; v++)
        for (const h of likeliestHeads(outputs.headLogits, ((v * B + b) * K + k) * M, M, isTried ? TRIED_HEADS : 1)) {
          const place = ((v * B + b) * K + k) * M + h;
          const z = outputs.zMean.subarray(((v * B + b) * K + k) * zDim);
          const value = isTried
            ? -triedPoints * loss.value(decoders[k]!, poses, place * POSE_STRIDE, z, 0)
            : outputs.headLogits[place]!;
          if (value > top) [best, top] = [place, value];
        }
      const at = (b * K + k) * POSE_STRIDE;
      chosen.set(poses.subarray(best * POSE_STRIDE, (best + 1) * POSE_STRIDE), at);
      chosen[at + 8] = 0;
    }
    const k = largestIndex(found.posterior, b * K, K);
    found.classes[b] = k;
    found.z.set(outputs.zMean.subarray((b * K + k) * zDim, (b * K + k + 1) * zDim), b * zDim);
    if (spreadOf(outputs, poses, b, K, M, k) > LARGEST_SPREAD_RAD) found.doubts[b]! |= DOUBTS.pose;
  }
  if (inference.search !== undefined) await refineChunk(inference, indices, chosen, found);
  else if (decoders.length > 0)
    for (let b = 0; b < count; b++) {
      loss.load(indices[b]!, radius);
      const k = found.classes[b]!;
      const at = (b * K + k) * POSE_STRIDE;
      const misfit = loss.value(decoders[k]!, chosen, at, found.z, b * zDim);
      chosen[at + 8] = points * (loss.nothing() - misfit);
    }
  for (let b = 0; b < count; b++) {
    const k = found.classes[b]!;
    const at = (b * K + k) * POSE_STRIDE;
    found.matrices.set(rotationOfPose(chosen, at), 9 * b);
    found.shiftsAngstrom[2 * b] = chosen[at + 6]! * set.pixelSizeAngstrom;
    found.shiftsAngstrom[2 * b + 1] = chosen[at + 7]! * set.pixelSizeAngstrom;
    found.evidence[b] = chosen[at + 8]!;
    if (found.posterior[b * K + k]! < LEAST_POSTERIOR) found.doubts[b]! |= DOUBTS.species;
    if (decoders.length === 0) continue;
    loss.load(indices[b]!, radius);
    const z = found.z.subarray(b * zDim, (b + 1) * zDim);
    if (chosen[at + 8]! < LEAST_GAIN * loss.expectedGain(decoders[k]!, chosen, at, z, 0))
      found.doubts[b]! |= DOUBTS.unlike;
  }
  return found;
}

/** Local search around the chosen poses of the likely species; species by evidence; conformation in closed form. */
async function refineChunk(
  { encoder, rasters, search, reader, radius }: Inference,
  indices: Int32Array,
  chosen: Float64Array,
  found: InferenceChunk,
): Promise<void> {
  const { classes: K, zDim } = encoder.network.config;
  const starts = chosen.slice(0, indices.length * K * POSE_STRIDE);
  for (let slot = 0; slot < indices.length * K; slot++)
    starts[slot * POSE_STRIDE + 8] = found.posterior[slot]! < LEAST_REFINED ? Number.NaN : 0;
  const { poses, evidence } = await search!.search(indices, seededRandom(1), starts);
  for (let b = 0; b < indices.length; b++) {
    const k = largestIndex(evidence, b * K, K);
    for (let c = 0; c < K; c++) found.posterior[b * K + c] = softmaxAt(evidence, b * K, K, c);
    const at = (b * K + k) * POSE_STRIDE;
    found.classes[b] = k;
    chosen.set(poses.subarray(at, at + POSE_STRIDE), at);
    if (zDim === 0) continue;
    const z = new Float32Array(zDim);
    const pose = Float32Array.from(poses.subarray(at, at + POSE_STRIDE));
    updateLatents(reader, rasters[k]!, { images: [indices[b]!], poses: pose, z }, radius);
    found.z.set(z, b * zDim);
  }
}

/** Mean angle, rad, between the likeliest head's pose and the other heads', each as likely as the network says. */
function spreadOf(
  { headLogits }: Proposals["outputs"],
  poses: Float64Array,
  b: number,
  K: number,
  M: number,
  k: number,
): number {
  const base = (b * K + k) * M;
  const top = largestIndex(headLogits, base, M);
  let [sum, weight] = [0, 0];
  for (let h = 0; h < M; h++) {
    const p = softmaxAt(headLogits, base, M, h);
    if (p < LEAST_HEAD) continue;
    sum += p * angleBetween(poses, (base + h) * POSE_STRIDE, (base + top) * POSE_STRIDE);
    weight += p;
  }
  return sum / weight;
}

function angleBetween(poses: Float64Array, a: number, b: number): number {
  const [r, s] = [rotationOfPose(poses, a), rotationOfPose(poses, b)];
  const trace = r.reduce((sum, x, i) => sum + x * s[i]!, 0);
  return Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2)));
}

function emptyChunk(from: number, count: number, K: number, zDim: number): InferenceChunk {
  return {
    from,
    count,
    classes: new Int32Array(count),
    posterior: new Float32Array(count * K),
    matrices: new Float64Array(9 * count),
    shiftsAngstrom: new Float64Array(2 * count),
    z: new Float32Array(count * zDim),
    evidence: new Float64Array(count),
    doubts: new Uint8Array(count),
  };
}
