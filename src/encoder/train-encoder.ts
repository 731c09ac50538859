/**
 * @file Training of an encoder: by a teacher, by reconstruction, or half and half (design 6.6; methods.md 3 and 8.6).
 */
import { checkCancelled } from "../core/errors.js";
import { type Random, seededRandom } from "../core/random.js";
import { fieldPresets, initialiseField } from "../field/field.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import { amortisedStep } from "./amortise.js";
import { type EncoderNetwork, initialiseEncoder } from "./encoder.js";
import { createInputReader, type EncoderInput, type InputReader, measureInput } from "./encoder-input.js";
import { type Decoder, type EncoderOptions, type ResolvedOptions, resolveEncoderOptions } from "./encoder-options.js";
import {
  createEncoderForward,
  createImitation,
  createPullBack,
  type EncoderOptimiser,
  newEncoderOptimiser,
} from "./encoder-trainer.js";
import { decodersOf, type FieldSide, openFieldSide } from "./field-side.js";
import { drawLessonInto, emptyLesson, type Taught, teachersTable } from "./imitation.js";
import { propose } from "./proposals.js";
import { createRasterLoss, type RasterDecoder } from "./raster-loss.js";
import { createRenderedLessons, type RenderedLessons } from "./rendered-lessons.js";
import { openSemi } from "./semi.js";
import { teachersVolumes } from "./teachers-volumes.js";
import type { Encoder } from "./trained-encoder.js";

/** Training between two reports. Encoder and decoder are trained in place: copy what you want to keep. */
export interface EncoderState {
  readonly kind: "encoder-state";
  /** Images shown so far, and in all. */
  readonly visits: number;
  readonly fraction: number;
  readonly phase: "imitation" | "reconstruction";
  /** Mean since the last state: of the imitation's loss, or of the misfit (1: all but the noise is explained). */
  readonly loss: number;
  /** Fourier pixels of the reconstruction. */
  readonly radius: number;
  readonly encoder: Encoder;
  /** Null where a teacher did without. */
  readonly decoder: Decoder | null;
}

/** Steps between two states, and between two rasterisations of the fields. */
const STEPS_PER_STATE = 50;
const STEPS_PER_RASTER = 15;
/** Rendered images begin with this part of the noise, and have all of it after this share of the imitation. */
const FIRST_NOISE = 0.3;
const NOISE_GROWS = 0.35;

/**
 * Train an encoder on the images of `set`; one state every 50 steps. `decoder`: fields to go through, else fresh ones
 * where the mode needs them. Same options, same numbers.
 */
export async function* trainEncoder(
  set: PreparedParticles,
  decoder: Decoder | undefined,
  options: EncoderOptions,
): AsyncGenerator<EncoderState, void> {
  const resolved = resolveEncoderOptions(set, decoder, options);
  const random = seededRandom(resolved.seed);
  const reader = openPrepared(set);
  try {
    const input = measureInput(reader, resolved.config.inputBox);
    const training: Training = {
      reader,
      input,
      inputs: createInputReader(reader, input),
      options: resolved,
      network: initialiseEncoder(resolved.config, random),
      optimiser: newEncoderOptimiser(resolved.learningRate[0]),
      random,
      ...(options.signal && { signal: options.signal }),
    };
    const first = resolved.mode === "distilled" ? 1 - resolved.fineTune : 0;
    if (first > 0) yield* imitate(training, decoder, first);
    if (first < 1) yield* reconstructBoth(training, decoder ?? freshDecoder(set, resolved, random), first);
  } finally {
    reader.close();
  }
}

interface Training {
  readonly reader: PreparedReader;
  readonly input: EncoderInput;
  readonly inputs: InputReader;
  readonly options: ResolvedOptions;
  readonly network: EncoderNetwork;
  readonly optimiser: EncoderOptimiser;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/** The teacher's part: the first `share` of all visits. */
async function* imitate(
  training: Training,
  decoder: Decoder | undefined,
  share: number,
): AsyncGenerator<EncoderState, void> {
  const { reader, input, inputs, options, network, optimiser, random } = training;
  const { config, batch: B, threads, visits } = options;
  const { set } = reader;
  const lesson = emptyLesson(config, B);
  const taught = teachersTable(options.teacher!, set.pixelSizeAngstrom, config.classes);
  const rendered = options.rendered > 0 ? renderedLessons(training, taught) : undefined;
  const trainer = await createImitation(config, { batch: B, threads });
  try {
    const steps = Math.max(1, Math.round((share * visits) / B));
    let loss = 0;
    for (let step = 1, since = 1; step <= steps; step++, since++) {
      checkCancelled(training.signal);
      optimiser.learningRate = geometric(options.learningRate, step / steps);
      const noise = FIRST_NOISE + (1 - FIRST_NOISE) * Math.min(1, step / steps / NOISE_GROWS);
      for (let b = 0; b < B; b++)
        if (rendered !== undefined && random.uniform() < options.rendered)
          rendered.renderInto(lesson, b, config, noise, random);
        else drawLessonInto(lesson, b, config, inputs, taught, set.count, random);
      loss += (await trainer.step(network, optimiser, lesson.images, lesson.lesson)).loss;
      if (since < STEPS_PER_STATE && step < steps) continue;
      yield {
        kind: "encoder-state",
        visits: step * B,
        fraction: (share * step) / steps,
        phase: "imitation",
        loss: loss / since,
        radius: inputs.radius,
        encoder: { kind: "encoder", network, input },
        decoder: decoder ?? null,
      };
      [loss, since] = [0, 0];
    }
  } finally {
    await trainer.dispose();
  }
}

/** Lessons from volumes that the teacher's words give. */
function renderedLessons(
  { reader, inputs, options, random }: Training,
  taught: (index: number) => Taught,
): RenderedLessons {
  const { classes, zDim } = options.config;
  const volumes = teachersVolumes(reader, taught, { classes, zDim, radius: inputs.radius });
  return createRenderedLessons(reader, inputs, volumes, taught, random);
}

/** Network and fields together, from `begin` of the training to its end. */
async function* reconstructBoth(
  training: Training,
  decoder: Decoder,
  begin: number,
): AsyncGenerator<EncoderState, void> {
  const { reader, input, inputs, options, network, optimiser, random } = training;
  const { config, batch: B, threads, visits, symmetricLoss, mode } = options;
  const { set } = reader;
  const versions = symmetricLoss ? 2 : 1;
  const forward = await createEncoderForward(config, { batch: versions * B, threads });
  const fields = await openFieldSide(reader, decoder, threads);
  const { perPixel } = inputs;
  const asks = { network, forward, input: inputs, perPixel };
  const shared = { network, optimiser, fields, perPixel };
  const semi = mode === "semi" ? await openSemi(reader, config, { batch: B, threads, input: inputs }) : undefined;
  const pullBack = semi === undefined ? await createPullBack(config, { batch: B, threads }) : undefined;
  const loss = createRasterLoss(reader);
  try {
    const steps = Math.max(1, Math.round(((1 - begin) * visits) / B));
    let decoders: readonly RasterDecoder[] = [];
    let radius = options.radius[0]; // of the rasters, beyond which nothing may be looked up
    let latents = false;
    let total = 0;
    for (let step = 0, since = 1; step < steps; step++, since++) {
      checkCancelled(training.signal);
      const at = mode === "distilled" ? 1 : step / steps;
      optimiser.learningRate = geometric(options.learningRate, begin + (1 - begin) * (step / steps));
      if (step % STEPS_PER_RASTER === 0) {
        radius = marching(options.radius, at);
        latents = config.zDim > 0 && at >= options.poseOnly;
        const rasters = await fields.rasters(radius, latents);
        decoders = decodersOf(rasters);
        await semi?.setReferences(rasters, radius, at);
      }
      const indices = Int32Array.from({ length: B }, () => random.integer(set.count));
      const proposals = await propose(asks, indices, { versions, turn: true, random });
      const settings = { decoders, radius, points: reader.points(radius), latents, random };
      if (semi !== undefined) total += await semi.step(shared, indices, proposals, settings);
      else total += (await amortisedStep({ ...shared, pullBack: pullBack!, loss }, indices, proposals, settings)).loss;
      if (!options.frozen) await fields.learn(radius, geometric(options.fieldLearningRate, at), random);
      if (since < STEPS_PER_STATE && step < steps - 1) continue;
      const fraction = begin + ((1 - begin) * (step + 1)) / steps;
      yield {
        kind: "encoder-state",
        visits: Math.round(fraction * visits),
        fraction,
        phase: "reconstruction",
        loss: total / since,
        radius,
        encoder: { kind: "encoder", network, input },
        decoder,
      };
      [total, since] = [0, 0];
    }
  } finally {
    await closeAll([forward, fields, pullBack, semi]);
  }
}

async function closeAll(open: readonly (Pick<FieldSide, "dispose"> | undefined)[]): Promise<void> {
  for (const tool of open) await tool?.dispose();
}

function freshDecoder(set: PreparedParticles, { config }: ResolvedOptions, random: Random): Decoder {
  const supportPixels = set.diameterAngstrom / 2 / set.pixelSizeAngstrom;
  const field = { ...fieldPresets.small, zDim: config.zDim, supportPixels };
  return {
    kind: "decoder",
    fields: Array.from({ length: config.classes }, () => initialiseField(field, random)),
  };
}

/** From first to last over the first 60 % of the training. */
function marching([from, to]: readonly [number, number], at: number): number {
  return from + (to - from) * Math.min(1, at / 0.6);
}

function geometric([from, to]: readonly [number, number], at: number): number {
  return from * (to / from) ** at;
}
