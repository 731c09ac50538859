/**
 * @file Learning to flex: conformations and fields by turns, poses held.
 *
 * When conformations are switched on they mean nothing yet. They start as random numbers; every round takes one
 * Gauss-Newton step of each image's z, standardises them, and fits the field to the images with their z. That is a
 * power iteration towards the strongest motion, as in EM for principal components, and needs no pose search.
 */
import { drawnPoses } from "./image-table.js";
import { standardiseLatents, updateLatents } from "./latents.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import type { Settings } from "./schedule.js";

/** Rounds of the start, and field steps in each. */
const ROUNDS = 15;
const STEPS_PER_ROUND = 15;

/** From random conformations to the strongest motion of every class. */
export async function startFlexing(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  const { table, random, options } = run;
  for (let k = 0; k < options.classes; k++) {
    const members = membersOf(run, k);
    for (const image of members)
      for (let j = 0; j < options.zDim; j++)
        table.z[(image * options.classes + k) * options.zDim + j] = random.normal();
    for (let round = 0; round < ROUNDS; round++) {
      await fitField(run, tools, k, members, settings);
      await flexClass(run, tools, k, members, settings.radius);
      standardiseClass(run, k, members);
    }
  }
  run.flexing = true;
}

/** One step of the conformations of `members` in class k. */
export async function flexClass(
  run: MixtureRun,
  tools: MixtureTools,
  k: number,
  members: readonly number[],
  radius: number,
): Promise<void> {
  if (members.length === 0 || tools.lineariser === undefined) return;
  const z = gatherLatents(run, k, members);
  const flexing = { images: members, poses: drawnPoses(run.table, members), z };
  await updateLatents(tools.lineariser, tools.sampler, run.fields[k]!, flexing, radius);
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
export function gatherLatents({ table, options }: MixtureRun, k: number, members: readonly number[]): Float32Array {
  const { classes: K, zDim } = options;
  const z = new Float32Array(members.length * zDim);
  members.forEach((i, row) => {
    z.set(table.z.subarray((i * K + k) * zDim, (i * K + k + 1) * zDim), row * zDim);
  });
  return z;
}

function scatterLatents({ table, options }: MixtureRun, k: number, members: readonly number[], z: Float32Array): void {
  const { classes: K, zDim } = options;
  members.forEach((i, row) => {
    table.z.set(z.subarray(row * zDim, (row + 1) * zDim), (i * K + k) * zDim);
  });
}

async function fitField(
  run: MixtureRun,
  tools: MixtureTools,
  k: number,
  members: readonly number[],
  settings: Settings,
): Promise<void> {
  if (members.length === 0) return;
  const posed = { images: members, poses: drawnPoses(run.table, members), z: gatherLatents(run, k, members) };
  for (let step = 0; step < STEPS_PER_ROUND; step++)
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
