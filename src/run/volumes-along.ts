/**
 * @file Maps of a run anywhere in the latent spaces of its classes, decoded from the fields in its checkpoint.
 *
 * No image is read: what brings a field to the units of class_001.mrc (noise and signal per shell) lies beside the working
 * set, which is made again where all of it was deleted.
 */
import { check, checkCancelled, IolausError } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { decodeVolume } from "../field/decode.js";
import { createFieldEvaluator } from "../field/evaluator.js";
import { readPreparedFacts } from "../imaging/prepared-cache.js";
import { readVolume } from "../io/mrc.js";
import type { Run } from "./open-run.js";
import { runFields } from "./run-decoder.js";
import { runFolder } from "./run-folder.js";
import { type RunImagesOptions, withRunImages } from "./run-images.js";

export interface VolumesAlongOptions extends RunImagesOptions {
  /** @default 2 */
  readonly threads?: number;
}

/** Fourier points of one run of the program. */
const POINTS = 2048;

/**
 * The map of class `classNumber` (from 1) at each z in turn, in the units and pixels of its class map, decoded when asked
 * for; coordinates that are not given are 0. A class whose motion was not learnt has one map, whatever z.
 */
export async function* volumesAlong(
  run: Run,
  classNumber: number,
  latents: Iterable<ArrayLike<number>>,
  options: VolumesAlongOptions = {},
): AsyncGenerator<Volume, void> {
  const folder = runFolder(run.folder);
  const fields = runFields(folder, run.manifest);
  const K = fields.length;
  const isClass = Number.isInteger(classNumber) && classNumber >= 1 && classNumber <= K;
  check(isClass, "classNumber", `a class from 1 to ${K}`, classNumber);
  const { field, isFitted } = fields[classNumber - 1]!;
  const { threads = 2, ...imageOptions } = options;
  const facts =
    readPreparedFacts(folder.file("prepared")) ?? (await withRunImages(run, imageOptions, (reader) => reader.set));
  const { box, pixelSizeAngstrom, noiseSigma, signalEnvelope } = facts;
  const envelope = signalEnvelope.map((a, s) => a * noiseSigma[s]!);
  const radius = run.progress().at(-1)?.radius ?? box / 2 - 1;
  const evaluator = await createFieldEvaluator(field.config, { points: POINTS, threads });
  try {
    for (const z of latents) {
      checkCancelled(options.signal);
      const { zDim } = field.config;
      check(z.length <= zDim, "z", `at most ${zDim} numbers`, z.length);
      const whole = Float32Array.from({ length: zDim }, (_, j) => z[j] ?? 0);
      const decoding = { box, pixelSizeAngstrom, radius, z: whole, envelope };
      yield isFitted ? await decodeVolume(evaluator, field, decoding) : readVolume(folder.volume(classNumber));
    }
  } finally {
    await evaluator.dispose();
  }
}

/** The map of class `classNumber` (from 1) at z. */
export async function volumeAt(
  run: Run,
  classNumber: number,
  z: ArrayLike<number>,
  options: VolumesAlongOptions = {},
): Promise<Volume> {
  for await (const volume of volumesAlong(run, classNumber, [z], options)) return volume;
  throw new IolausError("internal", "one z, no map");
}
