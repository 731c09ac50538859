/** @file What a stage does before its first batch: join classes of one species, tell junk, keep poses from freezing, forget them or judge new ones, find motions. */
import { randomRotation } from "../geometry/rotation.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { Settings } from "./batch-plan.js";
import { classLikeness, joinClasses, largeEnough, leastMissed, speciesOfClasses, withoutFaint } from "./duplicates.js";
import { startFlexing } from "./flexing.js";
import { heldOutEvidence } from "./held-out-evidence.js";
import { bestSeed } from "./image-table.js";
import { judgeJunk } from "./junk.js";
import { keepClasses } from "./kept-classes.js";
import { heldClasses, type MixtureRun, type MixtureTools } from "./mixture-run.js";
import { isCoarse, viewsPileUp } from "./molten-poses.js";

/** Nothing where the stage of `settings` has begun already. */
export async function startStage(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  if (run.stage === settings.stage) return;
  if (run.keptRadius > 0) await keepBetterPoses(run, tools, settings);
  if (run.visits > 0 && isCoarse(run.options.schedule, run.set)) run.molten ||= viewsPileUp(run);
  if (settings.joining || settings.alone) {
    const evidence = await heldOutEvidence(run, tools, settings, settings.judgingRadius);
    const joined = settings.joining ? joinAlike(run, settings, evidence) : undefined;
    if (settings.alone) {
      const own = Float64Array.from(evidence, (row, k) => row[k]!);
      run.keptEvidence = joined === undefined ? own : evidenceOfFrames(own, joined);
      run.keptRadius = settings.judgingRadius;
      restartPoses(run);
    }
  }
  if (settings.judgingJunk && run.options.junk) judgeJunk(run, tools.reader);
  if (settings.learningRate !== null && !run.flexing) await startFlexing(run, tools, settings.radius);
  run.stage = settings.stage;
}

interface Joined {
  readonly home: Int32Array;
  readonly kept: readonly number[];
}

/** Join classes that hold one species; forget those without images, and those missed least while there are too many. */
function joinAlike(run: MixtureRun, { stage, provision }: Settings, evidence: readonly Float64Array[]): Joined {
  const likeness = classLikeness(evidence);
  const home = speciesOfClasses(likeness);
  joinClasses(run.table, home);
  const sizes = new Int32Array(home.length);
  for (const k of run.table.classes) if (k >= 0) sizes[k]!++;
  let kept: readonly number[] = [...home.keys()].filter((k) => sizes[k]! > 0);
  if (kept.length === 0) kept = [0];
  // Until then, a class that holds no particle keeps junk from the others.
  const isLast = provision <= 1;
  if (isLast) kept = largeEnough(sizes, kept);
  if (isLast && (run.options.auto || kept.length > run.options.classes)) kept = withoutFaint(evidence, sizes, kept);
  while (kept.length > heldClasses(run.options, provision)) {
    const least = leastMissed(evidence, sizes, kept);
    kept = kept.filter((k) => k !== least);
  }
  run.joining = [
    ...run.joining,
    {
      stage,
      likeness: likeness.map((row) => Array.from(row)),
      evidence: evidence.map((row, k) => row[k]!),
      home: Array.from(home),
      kept,
    },
  ];
  keepClasses(run, kept);
  return { home, kept };
}

/** Float64[kept]: −Infinity for classes that have taken in others: they know no frame for all of their images. */
function evidenceOfFrames(own: Float64Array, { home, kept }: Joined): Float64Array {
  return Float64Array.from(kept, (k) => (home.some((h, other) => h === k && other !== k) ? -Infinity : own[k]!));
}

/** Every image keeps its class and forgets its pose; the table keeps that for `keepBetterPoses`. */
function restartPoses({ table, fields, random }: MixtureRun): void {
  table.keptPose.set(table.drawnPose);
  table.drawnPose.fill(0);
  for (let i = 0; i < table.classes.length; i++) {
    const k = table.classes[i]!;
    // A pose drawn in another class is none in this one.
    const at = bestSeed(i * fields.length + k);
    if (k !== table.drawnClass[i] && k >= 0)
      table.keptPose.set(table.seeds.subarray(at, at + POSE_STRIDE), i * POSE_STRIDE);
    table.drawnClass[i] = k;
    table.visited[i] = -1;
    table.drawnPose.set(randomRotation(random).slice(0, 6), i * POSE_STRIDE);
  }
}

/** Classes whose new poses explain held-out images worse than the old ones did go back to those. */
async function keepBetterPoses(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  const { table, keptEvidence } = run;
  const evidence = await heldOutEvidence(run, tools, settings, run.keptRadius);
  for (let i = 0; i < table.drawnClass.length; i++) {
    const k = table.drawnClass[i]!;
    if (k < 0 || evidence[k]![k]! >= keptEvidence[k]!) continue;
    const kept = table.keptPose.subarray(i * POSE_STRIDE, (i + 1) * POSE_STRIDE);
    table.drawnPose.set(kept, i * POSE_STRIDE);
    table.seeds.set(kept, bestSeed(i * run.fields.length + k));
  }
  run.keptRadius = 0;
}
