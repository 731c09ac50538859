/** @file What the training of an encoder is asked, and its defaults. */
import { availableParallelism } from "node:os";
import { check } from "../core/errors.js";
import type { Field } from "../field/field.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { Assignments } from "../mixture/state.js";
import { type EncoderConfig, encoderPresets } from "./encoder.js";

/**
 * `distilled`: imitates a teacher, then, with a decoder, goes on by reconstruction.
 * `amortised`: encoder and fields from nothing, by reconstruction alone (cryoFIRE).
 * `semi`: the encoder proposes, a local search improves, both sides learn from what it finds.
 */
export type EncoderMode = "distilled" | "amortised" | "semi";

/** Where images stand, as a mixture run says or as the truth is; in the order of the particles. */
export type Teacher = Pick<Assignments, "classes" | "posterior" | "poses" | "z">;

/** The volumes behind the images, one per species; trained in place unless frozen. */
export interface Decoder {
  readonly kind: "decoder";
  readonly fields: readonly Field[];
}

export interface EncoderOptions {
  readonly mode: EncoderMode;
  /** For `distilled`. */
  readonly teacher?: Teacher;
  /** Keep the fields of the decoder as they are. @default true for distilled, false else */
  readonly frozen?: boolean;
  /** K. @default the teacher's or decoder's, else 1 */
  readonly classes?: number;
  /** @default the teacher's or decoder's, else 0 */
  readonly zDim?: number;
  /** @default "small" */
  readonly size?: keyof typeof encoderPresets;
  /** Side of the network's input, pixels: 32, 48 or 64. @default 32 */
  readonly inputBox?: number;
  /** Rotation heads per species: a multiple of the network's 16 directions. @default 16 */
  readonly poseHeads?: number;
  /** Images shown in all, each visit counting. @default 200,000 */
  readonly visits?: number;
  /** Images of one step. @default 32 */
  readonly batch?: number;
  /** Share of a distilled training that ends it through the decoder, when there is one. @default 0 */
  readonly fineTune?: number;
  /**
   * Share of the images of an imitation that are rendered from the volumes which the teacher's words give, at random
   * poses and with fresh noise; the others are those of the set, turned and mirrored. @default 0.75
   */
  readonly rendered?: number;
  /** Let each image or its mirror image count, whichever fits better (methods.md 3.3). @default true */
  readonly symmetricLoss?: boolean;
  /** Share of the training before conformations begin; poses settle first. @default 0.5 */
  readonly poseOnly?: number;
  /** Fourier pixels, first and last; grows over the first 60 %. @default [5, where the signal ends, at most 12] */
  readonly radius?: readonly [from: number, to: number];
  /** Adam's for the network, first and last. @default [1e-3, 1e-4] */
  readonly learningRate?: readonly [from: number, to: number];
  /** Adam's for the fields, first and last. @default [2e-3, 3e-4] */
  readonly fieldLearningRate?: readonly [from: number, to: number];
  /** @default 1 */
  readonly seed?: number;
  /** @default the cores, at most 8 */
  readonly threads?: number;
  /** Stops between two states. */
  readonly signal?: AbortSignal;
}

export type ResolvedOptions = Required<Omit<EncoderOptions, "teacher" | "signal" | "classes" | "zDim">> & {
  readonly teacher?: Teacher;
  readonly config: EncoderConfig;
};

export function resolveEncoderOptions(
  set: PreparedParticles,
  decoder: Decoder | undefined,
  given: EncoderOptions,
): ResolvedOptions {
  const { mode, teacher, size = "small", inputBox = 32, poseHeads = 16 } = given;
  const known = ["distilled", "amortised", "semi"];
  check(known.includes(mode), "mode", known.join(", "), mode);
  check(mode !== "distilled" || teacher !== undefined, "teacher", "the poses and classes to imitate", "none");
  check(size in encoderPresets, "size", Object.keys(encoderPresets).join(", "), size);
  const taught = teacher === undefined ? undefined : lengths(set, teacher);
  const classes = given.classes ?? taught?.K ?? decoder?.fields.length ?? 1;
  const zDim = given.zDim ?? taught?.zDim ?? decoder?.fields[0]?.config.zDim ?? 0;
  if (decoder !== undefined) {
    check(decoder.fields.length === classes, "decoder.fields", `${classes} species`, decoder.fields.length);
    const there = decoder.fields.map((field) => field.config.zDim);
    check(
      there.every((d) => d === zDim),
      "decoder.fields",
      `conformations of length ${zDim}`,
      there,
    );
  }
  const { visits = 200_000, batch = 32, fineTune = 0, poseOnly = 0.5, symmetricLoss = true, seed = 1 } = given;
  const { rendered = 0.75 } = given;
  check(rendered >= 0 && rendered <= 1, "rendered", "a share from 0 to 1", rendered);
  check(Number.isInteger(batch) && batch > 0, "batch", "a positive integer", batch);
  check(visits >= batch, "visits", `at least a batch, ${batch}`, visits);
  check(fineTune >= 0 && fineTune < 1, "fineTune", "a share from 0 to 1", fineTune);
  check(fineTune === 0 || decoder !== undefined, "fineTune", "a decoder to go through", "none");
  return {
    ...{ mode, size, inputBox, poseHeads, visits, batch, fineTune, rendered, poseOnly, symmetricLoss, seed },
    ...(teacher && { teacher }),
    frozen: given.frozen ?? mode === "distilled",
    radius: given.radius ?? [Math.min(5, set.box / 2 - 1), signalRadius(set)],
    learningRate: given.learningRate ?? [1e-3, 1e-4],
    fieldLearningRate: given.fieldLearningRate ?? [2e-3, 3e-4],
    threads: given.threads ?? Math.min(8, availableParallelism()),
    config: { inputBox, classes, zDim, poseHeads, ...encoderPresets[size] },
  };
}

function lengths(set: PreparedParticles, { classes, posterior, poses, z }: Teacher): { K: number; zDim: number } {
  check(classes.length === set.count, "teacher.classes", `one per particle, ${set.count}`, classes.length);
  check(poses.rotations.count === set.count, "teacher.poses", `one per particle, ${set.count}`, poses.rotations.count);
  const [K, zDim] = [posterior.length / set.count, z.length / set.count];
  check(Number.isInteger(K) && K > 0, "teacher.posterior", `rows for ${set.count} particles`, posterior.length);
  check(Number.isInteger(zDim), "teacher.z", `rows for ${set.count} particles`, z.length);
  return { K, zDim };
}

/** Signal below this fraction of the noise (r.m.s. of a coefficient) is left out. */
const LEAST_SIGNAL = 0.35;
const LARGEST_RADIUS = 12;

/** Largest radius with useful signal, Fourier pixels. */
function signalRadius({ box, signalEnvelope }: PreparedParticles): number {
  const last = Math.min(LARGEST_RADIUS, box / 2 - 1);
  let radius = Math.min(6, last);
  while (radius < last && signalEnvelope[radius + 1]! > LEAST_SIGNAL) radius++;
  return radius;
}
