/**
 * @file The decoder's half of joint training: fields learn from the poses found lately, and are rasterised for the rest.
 *
 * Each field remembers the last images given to it with their poses and conformations, and draws random Fourier points
 * from them (mixture/training-points.ts). Mistakes of an untrained encoder are forgotten with the images.
 */
import type { Random } from "../core/random.js";
import { createFieldEvaluator, type FieldEvaluator } from "../field/evaluator.js";
import { rasterise } from "../field/rasterise.js";
import { createFieldTrainer, type FieldOptimiser, newFieldOptimiser } from "../field/trainer.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { anchors } from "../mixture/latents.js";
import { createPointSampler } from "../mixture/training-points.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { Decoder } from "./encoder-options.js";
import { type RasterDecoder, rasterDecoder } from "./raster-loss.js";

export interface FieldSide {
  readonly decoder: Decoder;
  /** Rasters of every species, in the order of `anchors`; of the rest alone while conformations are off. */
  rasters(radius: number, latents: boolean): Promise<readonly (readonly FourierRaster[])[]>;
  /** An image and what was found: a pose row in working pixels, and z. */
  remember(k: number, image: number, pose: ArrayLike<number>, at: number, z: ArrayLike<number>, zAt: number): void;
  /** A gradient step of every field that has images. */
  learn(radius: number, learningRate: number, random: Random): Promise<void>;
  dispose(): Promise<void>;
}

/** Images that a field remembers. */
const MEMORY = 512;
/** Fourier points of a gradient step. */
const POINTS = 2048;

interface Memory {
  readonly images: Int32Array;
  readonly poses: Float32Array;
  readonly z: Float32Array;
  held: number;
  next: number;
}

export async function openFieldSide(reader: PreparedReader, decoder: Decoder, threads: number): Promise<FieldSide> {
  const { fields } = decoder;
  const { set } = reader;
  const config = fields[0]!.config;
  const { zDim } = config;
  const program = { points: POINTS, threads };
  const trainer = await createFieldTrainer(config, program);
  const evaluator: FieldEvaluator = await createFieldEvaluator(config, program);
  const sampler = createPointSampler(reader, POINTS, zDim);
  const optimisers: readonly FieldOptimiser[] = fields.map(() => newFieldOptimiser(1e-3));
  const memories = fields.map(
    (): Memory => ({
      images: new Int32Array(MEMORY),
      poses: new Float32Array(MEMORY * POSE_STRIDE),
      z: new Float32Array(MEMORY * zDim),
      held: 0,
      next: 0,
    }),
  );
  return {
    decoder,
    async rasters(radius, latents) {
      const out: FourierRaster[][] = [];
      for (const field of fields) {
        const own: FourierRaster[] = [];
        for (const z of latents ? anchors(zDim) : [new Float32Array(zDim)])
          own.push(await rasterise(evaluator, field, { box: set.box, radius, z, envelope: set.signalEnvelope }));
        out.push(own);
      }
      return out;
    },
    remember(k, image, pose, at, z, zAt) {
      const memory = memories[k]!;
      const slot = memory.next;
      memory.images[slot] = image;
      for (let i = 0; i < 8; i++) memory.poses[slot * POSE_STRIDE + i] = pose[at + i]!;
      for (let j = 0; j < zDim; j++) memory.z[slot * zDim + j] = z[zAt + j]!;
      memory.next = (slot + 1) % MEMORY;
      memory.held = Math.min(MEMORY, memory.held + 1);
    },
    async learn(radius, learningRate, random) {
      for (const [k, { images, poses, z, held }] of memories.entries()) {
        if (held === 0) continue;
        optimisers[k]!.learningRate = learningRate;
        const posed = { images: images.subarray(0, held), poses, z };
        await trainer.step(fields[k]!, optimisers[k]!, sampler.draw(posed, radius, random));
      }
    },
    async dispose() {
      await trainer.dispose();
      await evaluator.dispose();
    },
  };
}

/** Rest and slopes of every species. */
export function decodersOf(rasters: readonly (readonly FourierRaster[])[]): readonly RasterDecoder[] {
  return rasters.map(rasterDecoder);
}
