/**
 * @file What the network proposes for a batch: every species, every head, for the image and for its mirror image.
 *
 * Each version is turned by an angle of its own, so that over the training the network sees every in-plane angle; the
 * poses it answers are brought back to the image as it is.
 */
import type { Random } from "../core/random.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { EncoderConfig, EncoderNetwork } from "./encoder.js";
import type { InputReader } from "./encoder-input.js";
import type { EncoderForward, EncoderOutputs } from "./encoder-trainer.js";
import { changeImageInto, type InPlane, originalPoseInto } from "./in-plane.js";

export interface Proposals {
  /** V: 2 with the mirror image, else 1. */
  readonly versions: number;
  /** What was done to version v of image b: `changes[v·B + b]`. */
  readonly changes: readonly InPlane[];
  /** Float32[V B S S], version-major: what the network saw. */
  readonly images: Float32Array;
  /** Rows in the same order. */
  readonly outputs: EncoderOutputs;
  /** Float64[V B K M 9]: pose rows of the images as they are; shifts in working pixels, no scores. */
  readonly poses: Float64Array;
}

/** `turn: false`: the image as it is and its plain mirror image, for inference. */
export async function propose(
  tools: {
    readonly network: EncoderNetwork;
    /** Of V·B images. */
    readonly forward: EncoderForward;
    readonly input: InputReader;
    /** Input pixels per working pixel. */
    readonly perPixel: number;
  },
  indices: ArrayLike<number>,
  options: { readonly versions: number; readonly turn: boolean; readonly random: Random },
): Promise<Proposals> {
  const { network, forward, input, perPixel } = tools;
  const { versions, turn, random } = options;
  const { inputBox, classes: K, poseHeads: M } = network.config;
  const B = forward.batch / versions;
  const images = new Float32Array(forward.batch * inputBox ** 2);
  const changes: InPlane[] = [];
  for (let v = 0; v < versions; v++)
    for (let b = 0; b < B; b++) {
      const angleRad = turn ? 2 * Math.PI * random.uniform() : 0;
      changes.push({ mirror: v === 1, angleRad, dx: 0, dy: 0 });
    }
  for (let b = 0; b < indices.length; b++) {
    const image = input.read(indices[b]!);
    for (let v = 0; v < versions; v++)
      changeImageInto(images, (v * B + b) * inputBox ** 2, changes[v * B + b]!, image, inputBox);
  }
  const outputs = await forward.run(network, images);
  const poses = originalPoses(outputs, changes, { classes: K, poseHeads: M }, perPixel);
  return { versions, changes, images, outputs, poses };
}

/** The `count` heads of the M at `base` that the network believes most, the first first. */
export function likeliestHeads(headLogits: Float32Array, base: number, M: number, count: number): readonly number[] {
  const order = Array.from({ length: M }, (_, h) => h);
  return order.sort((a, b) => headLogits[base + b]! - headLogits[base + a]!).slice(0, count);
}

function originalPoses(
  { rotations, shift }: EncoderOutputs,
  changes: readonly InPlane[],
  { classes: K, poseHeads: M }: Pick<EncoderConfig, "classes" | "poseHeads">,
  perPixel: number,
): Float64Array {
  const poses = new Float64Array(changes.length * K * M * POSE_STRIDE);
  const row = new Float64Array(8);
  changes.forEach((change, n) => {
    for (let h = 0; h < K * M; h++) {
      row.set(rotations.subarray(6 * (n * K * M + h), 6 * (n * K * M + h) + 6));
      row[6] = shift[2 * n]! / perPixel;
      row[7] = shift[2 * n + 1]! / perPixel;
      originalPoseInto(poses, (n * K * M + h) * POSE_STRIDE, change, row, 0);
    }
  });
  return poses;
}
