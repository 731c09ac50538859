/**
 * @file Learning to flex: conformations and fields by turns, poses held.
 *
 * When conformations are switched on, each field first learns its class's map at z = 0. Conformations mean nothing
 * yet: they start as random numbers; every round takes one new estimate of each image's z, standardises them, and fits
 * the field to the images with their z. That is a power iteration towards the strongest motion, as in EM for principal
 * components, and needs no pose search.
 */
import { rasterise } from "../field/rasterise.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import { drawnPoses } from "./image-table.js";
import { anchors, standardiseLatents, updateLatents } from "./latents.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";

/** How fields are fitted. */
export interface FitSettings {
  /** Fourier pixels of the working box. */
  readonly radius: number;
  readonly learningRate: number;
}

/** Field steps of a round, and for every round as many before it that bring the new field to the class's map. */
const STEPS_PER_ROUND = 15;
const STEPS_AT_REST = 10;

/** From random conformations to the strongest motion of every class. */
export async function startFlexing(run: MixtureRun, tools: MixtureTools, settings: FitSettings): Promise<void> {
  const { table, random, options, fields } = run;
  for (let k = 0; k < fields.length; k++) {
    const members = membersOf(run, k);
    await fitField(run, tools, k, members, settings, options.schedule.flexRounds * STEPS_AT_REST);
    for (const image of members)
      for (let j = 0; j < options.zDim; j++) table.z[(image * fields.length + k) * options.zDim + j] = random.normal();
    const rounds = options.zDim > 0 && members.length > 0 ? options.schedule.flexRounds : 0;
    for (let round = 0; round < rounds; round++) {
      await fitField(run, tools, k, members, settings, STEPS_PER_ROUND);
      const rasters = await anchorRasters(run, tools, k, settings.radius);
      flexClass(run, tools, { k, members, rasters }, settings.radius);
      standardiseClass(run, k, members);
    }
  }
  run.flexing = true;
}

/** The field of class k at its anchors, 1 + 2 zDim rasters. */
export async function anchorRasters(
  { set, fields, options }: MixtureRun,
  { evaluator }: MixtureTools,
  k: number,
  radius: number,
): Promise<readonly FourierRaster[]> {
  const rasters: FourierRaster[] = [];
  const { box, signalEnvelope: envelope } = set;
  for (const z of anchors(options.zDim))
    rasters.push(await rasterise(evaluator, fields[k]!, { box, radius, z, envelope, forSlices: true }));
  return rasters;
}

/** New conformations of `members` in class k. */
export function flexClass(
  run: MixtureRun,
  tools: MixtureTools,
  flexing: { readonly k: number; readonly members: readonly number[]; readonly rasters: readonly FourierRaster[] },
  radius: number,
): void {
  const { k, members, rasters } = flexing;
  const z = gatherLatents(run, k, members);
  updateLatents(tools.reader, rasters, { images: members, poses: drawnPoses(run.table, members), z }, radius);
  scatterLatents(run, k, members, z);
}

/** Mean 0 and deviation 1 over the class; the field follows. Too few images say nothing. */
export function standardiseClass(run: MixtureRun, k: number, members: readonly number[]): void {
  if (members.length < 8) return;
  const z = gatherLatents(run, k, members);
  standardiseLatents(run.fields[k]!, z);
  scatterLatents(run, k, members, z);
}

/** The conformations of `members` in class k: Float32[members zDim]. */
export function gatherLatents(
  { table, options, fields }: MixtureRun,
  k: number,
  members: readonly number[],
): Float32Array {
  const { zDim } = options;
  const K = fields.length;
  const z = new Float32Array(members.length * zDim);
  members.forEach((i, row) => {
    z.set(table.z.subarray((i * K + k) * zDim, (i * K + k + 1) * zDim), row * zDim);
  });
  return z;
}

function scatterLatents(
  { table, options, fields }: MixtureRun,
  k: number,
  members: readonly number[],
  z: Float32Array,
): void {
  const { zDim } = options;
  const K = fields.length;
  members.forEach((i, row) => {
    table.z.set(z.subarray(row * zDim, (row + 1) * zDim), (i * K + k) * zDim);
  });
}

async function fitField(
  run: MixtureRun,
  tools: MixtureTools,
  k: number,
  members: readonly number[],
  settings: FitSettings,
  steps: number,
): Promise<void> {
  if (members.length === 0) return;
  const posed = { images: members, poses: drawnPoses(run.table, members), z: gatherLatents(run, k, members) };
  run.optimisers[k]!.learningRate = settings.learningRate;
  for (let step = 0; step < steps; step++)
    await tools.trainer.step(
      run.fields[k]!,
      run.optimisers[k]!,
      tools.sampler.draw(posed, settings.radius, run.random),
    );
}

function membersOf({ table }: MixtureRun, k: number): number[] {
  const members: number[] = [];
  for (let i = 0; i < table.drawnClass.length; i++) if (table.drawnClass[i] === k) members.push(i);
  return members;
}
