/** @file Gradients of the published loss over a batch of images: the program of paper-loss.ts, a few images at a time. */
import { IolausError } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { allocate } from "../engine/allocate.js";
import { compile, type EngineName } from "../engine/compile.js";
import { type Field, type FieldConfig, trainableWeights } from "../field/field.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { IMAGE_VARIABLES, paperProgram, paperShapes } from "./paper-loss.js";
import { envelopeAt } from "./training-points.js";

/** What is learnt of the images of a batch: Float32[B K], [B K zDim], [B K 6] and [B K 2] (working pixels). */
export type ImageVariables = Readonly<Record<(typeof IMAGE_VARIABLES)[number], Float32Array>>;

export interface PaperGradients {
  /** Mean of l_i. */
  readonly loss: number;
  /** Float32[B K]: e_ik. */
  readonly errors: Float32Array;
  /** Float32[B]: what e is where nothing is predicted. */
  readonly power: Float32Array;
  /** Of every field's weights, by name. Valid until the next call. */
  readonly fields: readonly Record<string, Float32Array>[];
  readonly images: ImageVariables;
}

export interface PaperTrainer {
  /** Points of an image within the radius, of which the trainer takes all or a draw. */
  readonly points: number;
  /** Loss and gradients of the mean over `images`. Nothing is changed but `random`, where points are drawn. */
  gradients(
    fields: readonly Field[],
    images: ArrayLike<number>,
    variables: ImageVariables,
    random: Random,
  ): Promise<PaperGradients>;
  dispose(): Promise<void>;
}

export interface PaperTrainerOptions {
  readonly classes: number;
  readonly sigma: number;
  /** Fourier pixels. */
  readonly radius: number;
  /** Fourier points of an image in one step, drawn anew for every batch. @default all */
  readonly pointsPerImage?: number;
  readonly engine?: EngineName;
  readonly threads?: number;
}

/** Points of one run of the program, and images at most. More would leave the cache. */
const POINTS_PER_RUN = 2048;
const MOST_IMAGES = 8;

/** Compile the program for fields of this configuration and images of the reader's set. */
export async function createPaperTrainer(
  reader: PreparedReader,
  config: FieldConfig,
  options: PaperTrainerOptions,
): Promise<PaperTrainer> {
  const { classes: K, sigma, radius, pointsPerImage = Infinity, ...engine } = options;
  const within = reader.points(radius);
  const points = Math.min(within, pointsPerImage);
  // A power of two divides the usual batches.
  const room = Math.min(MOST_IMAGES, POINTS_PER_RUN / (2 * points));
  const images = 2 ** Math.floor(Math.log2(Math.max(1, room)));
  const size = { classes: K, images, points };
  const shapes = paperShapes(config, size);
  const program = await compile(paperProgram(config, size, sigma), shapes, { name: "mixture of fields", ...engine });
  const outputs = allocate(program.outputShapes);
  const inputs = allocate(Object.fromEntries(Object.entries(shapes).filter(([name]) => !/^\d/.test(name))));
  const sums = Array.from({ length: K }, () =>
    allocate(Object.fromEntries(trainableWeights(config).map((name) => [name, shapes[`0 ${name}`]!]))),
  );
  const loader = createImageLoader(reader, within, points);
  const tables = IMAGE_VARIABLES.filter((name) => name !== "z" || config.zDim > 0);

  async function gradients(
    fields: readonly Field[],
    batch: ArrayLike<number>,
    variables: ImageVariables,
    random: Random,
  ): Promise<PaperGradients> {
    const B = batch.length;
    loader.draw(random, inputs["lattice"]!);
    for (const sum of sums) for (const name in sum) sum[name]!.fill(0);
    const found = Object.fromEntries(IMAGE_VARIABLES.map((name) => [name, new Float32Array(variables[name].length)]));
    const [errors, power] = [new Float32Array(B * K), new Float32Array(B)];
    const weights: Record<string, Float32Array> = {};
    fields.forEach((field, k) => {
      for (const name in field.weights) weights[`${k} ${name}`] = field.weights[name]!;
    });
    let loss = 0;
    for (let from = 0; from < B; from += images) {
      const here = Math.min(images, B - from);
      inputs["weight"]!.fill(0).fill(1 / B, 0, here);
      for (let b = 0; b < here; b++)
        power[from + b] = loader.load(batch[from + b]!, b, inputs["data"]!, inputs["gain"]!);
      for (const name of tables) {
        const width = variables[name].length / B;
        inputs[name]!.set(variables[name].subarray(from * width, (from + here) * width));
      }
      await program.run({ ...weights, ...inputs }, outputs);
      loss += outputs["loss"]![0]!;
      errors.set(outputs["errors"]!.subarray(0, here * K), from * K);
      for (const name of tables) {
        const width = variables[name].length / B;
        found[name]!.set(outputs[`gradient ${name}`]!.subarray(0, here * width), from * width);
      }
      sums.forEach((sum, k) => {
        for (const name in sum) add(sum[name]!, outputs[`gradient ${k} ${name}`]!);
      });
    }
    if (!Number.isFinite(loss))
      throw new IolausError("diverged", `mixture of fields: expected a finite loss, got ${loss}; lower the rates`);
    return { loss, errors, power, fields: sums, images: found as unknown as ImageVariables };
  }

  return { points: within, gradients, dispose: () => program.dispose() };
}

interface ImageLoader {
  /** Choose the points of the coming images; their frequencies, cycles per pixel, into `lattice`. */
  draw(random: Random, lattice: Float32Array): void;
  /** Image `index` as the b-th of a run; the mean square of its numbers. */
  load(index: number, b: number, data: Float32Array, gain: Float32Array): number;
}

function createImageLoader(reader: PreparedReader, within: number, points: number): ImageLoader {
  const { set, plane } = reader;
  const row = new Float32Array(2 * within);
  const contrast = new Float32Array(within);
  const envelope = Float32Array.from({ length: within }, (_, p) =>
    envelopeAt(set.signalEnvelope, Math.hypot(plane.kx[p]!, plane.ky[p]!)),
  );
  const order = Int32Array.from({ length: within }, (_, p) => p);
  return {
    draw(random, lattice) {
      // The first points of a shuffle that begins in order: nothing of an earlier draw is left, and runs can be resumed.
      for (let p = 0; p < within; p++) order[p] = p;
      for (let p = 0; p < points && points < within; p++) {
        const other = p + random.integer(within - p);
        [order[p], order[other]] = [order[other]!, order[p]!];
      }
      for (let p = 0; p < points; p++) {
        lattice[2 * p] = plane.kx[order[p]!]! / set.box;
        lattice[2 * p + 1] = plane.ky[order[p]!]! / set.box;
      }
    },
    load(index, b, data, gain) {
      reader.readRow(index, row);
      reader.readContrast(index, contrast);
      let sum = 0;
      for (let p = 0, to = b * points; p < points; p++, to++) {
        const from = order[p]!;
        const [re, im] = [row[2 * from]!, row[2 * from + 1]!];
        data[2 * to] = re;
        data[2 * to + 1] = im;
        gain[to] = contrast[from]! * envelope[from]!;
        sum += re * re + im * im;
      }
      return sum / (2 * points);
    },
  };
}

function add(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
