/**
 * @file Encoder: images per second in training and inference, against our own search and the published method.
 *
 * Published (poster, one GPU): 725 images/s in training, 909 in inference. Arithmetic of the published network at 128²
 * (methods.md 3.1), counted here: multiply-adds of its six levels, forward.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/core/random.js";
import { type EncoderConfig, encoderPresets, initialiseEncoder } from "../../src/encoder/encoder.js";
import { measureInput } from "../../src/encoder/encoder-input.js";
import { createEncoderForward, createImitation, newEncoderOptimiser } from "../../src/encoder/encoder-trainer.js";
import { emptyLesson } from "../../src/encoder/imitation.js";
import { inferImages } from "../../src/encoder/infer.js";
import type { Encoder } from "../../src/encoder/trained-encoder.js";
import { fieldPresets, initialiseField } from "../../src/field/field.js";
import { openPrepared } from "../../src/imaging/prepared-reader.js";
import { relativeError } from "../support/compare.js";
import { tinyRecipe } from "../support/tiny-recipe.js";
import { taughtSet } from "../support/tiny-teacher.js";
import { median } from "./paired.js";

const THREADS = 2;
const PUBLISHED = { training: 725, inference: 909 };

export async function run(): Promise<void> {
  await checkOutputs();
  console.log(`${THREADS} threads; images/s, median; published on a GPU: ${JSON.stringify(PUBLISHED)}`);
  for (const size of ["small", "medium"] as const)
    console.log(`training step (forward, backward, Adam), ${size}, input 32, batch 32: ${await training(size)}`);
  await inference();
  const ours = multiplyAdds(config("small", 1));
  console.log(`multiply-adds per image, forward: ours ${(ours / 1e6).toFixed(1)} M, published ${published() / 1e6} M`);
}

function config(size: "small" | "medium", classes: number): EncoderConfig {
  return { ...encoderPresets[size], inputBox: 32, classes, zDim: 1, poseHeads: 16 };
}

/** Compiled = reference, before anything is timed. */
async function checkOutputs(): Promise<void> {
  const small = { ...config("small", 2), width: 8, hidden: 16 };
  const network = initialiseEncoder(small, seededRandom(1));
  const random = seededRandom(2);
  const images = Float32Array.from({ length: 2 * 32 * 32 }, () => random.normal());
  const [found, expected] = [
    await (await createEncoderForward(small, { batch: 2 })).run(network, images),
    await (await createEncoderForward(small, { batch: 2, engine: "reference" })).run(network, images),
  ];
  const error = relativeError(found.rotations, expected.rotations);
  if (!(error < 1e-5)) throw new Error(`rotations: relative error ${error} against the reference engine`);
}

async function training(size: "small" | "medium"): Promise<string> {
  const batch = 32;
  const here = config(size, 1);
  const network = initialiseEncoder(here, seededRandom(1));
  const trainer = await createImitation(here, { batch, threads: THREADS });
  const optimiser = newEncoderOptimiser(1e-3);
  const { images, lesson } = emptyLesson(here, batch);
  const random = seededRandom(2);
  for (let i = 0; i < images.length; i++) images[i] = random.normal();
  const rates: number[] = [];
  for (let i = -3; i < 30; i++) {
    const start = performance.now();
    await trainer.step(network, optimiser, images, lesson);
    if (i >= 0) rates.push((1e3 * batch) / (performance.now() - start));
  }
  await trainer.dispose();
  return median(rates).toFixed(0);
}

/** Images already prepared, box 64; three species with a conformation. */
async function inference(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  try {
    const { set: few } = await taughtSet(tinyRecipe(96, { box: 64, pixelSizeAngstrom: 4.5 }), join(folder, "set"), 1);
    const random = seededRandom(3);
    const fields = [0, 1, 2].map(() => initialiseField({ ...fieldPresets.small, zDim: 1, supportPixels: 20 }, random));
    const network = initialiseEncoder(config("small", 3), random);
    const reader = openPrepared(few);
    const encoder: Encoder = { kind: "encoder", network, input: measureInput(reader, 32) };
    reader.close();
    const decoder = { kind: "decoder", fields } as const;
    for (const [label, options] of [
      ["network alone", {}],
      ["network and mirror image, best of the heads by likelihood", { decoder }],
      ["with local refinement", { decoder, refine: "local" }],
    ] as const) {
      const rates: number[] = [];
      let last = 0;
      for (let round = 0; round < 4; round++)
        for await (const chunk of inferImages(few, encoder, { ...options, chunk: 32, threads: THREADS })) {
          const now = performance.now();
          if (chunk.from > 0) rates.push((1e3 * chunk.count) / (now - last)); // the first chunk waits for the programs
          last = performance.now();
        }
      console.log(`inference, box 64, K = 3, ${label}: ${median(rates).toFixed(0)}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Layer by layer as in encoder.ts: polar samples, rings, the whole of the ring from 16 directions, dense, heads. */
function multiplyAdds({ width: w, hidden, inputBox, poseHeads, classes, zDim }: EncoderConfig): number {
  const polar = inputBox ** 2 * 48 * 14;
  const rings = 48 * (5 * 14 * 2 * w + 3 * 6 * w * w) + 16 * (3 * 18 * w * w + 6 * w * w);
  const heads = hidden * (classes * ((7 * poseHeads) / 16 + 1 + 2 * zDim) + 2);
  return polar + rings + 16 * (16 * w * hidden + hidden ** 2 + heads);
}

/** Each level: conv 3×3 at constant width, conv 3×3 that doubles it, half the side. */
function published(): number {
  let total = 128 ** 2 * 9 * (16 + 16 * 32);
  for (let level = 1, side = 64, c = 32; level < 6; level++, side /= 2, c *= 2)
    total += side ** 2 * 9 * (c * c + 2 * c * c);
  return Math.round(total / 1e6) * 1e6;
}
