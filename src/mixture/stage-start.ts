/** @file What a stage does before its first batch: join classes of one species, forget poses or judge new ones, find motions. */
import { randomRotation } from "../geometry/rotation.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { classLikeness, joinClasses, speciesOfClasses } from "./duplicates.js";
import { startFlexing } from "./flexing.js";
import { heldOutEvidence } from "./held-out-evidence.js";
import { bestSeed } from "./image-table.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import type { Settings } from "./schedule.js";

/** Nothing where the stage of `settings` has begun already. */
export async function startStage(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  if (run.stage === settings.stage) return;
  if (run.keptRadius > 0) await keepBetterPoses(run, tools, settings);
  if (settings.alone) {
    const evidence = await heldOutEvidence(run, tools, settings, settings.judgingRadius);
    const home = settings.joining ? speciesOfClasses(classLikeness(evidence)) : Int32Array.from(evidence.keys());
    joinClasses(run.table, home);
    // Classes that have taken in others know no frame for all of their images.
    run.keptEvidence = Float64Array.from(evidence, (row, k) =>
      home.some((h, other) => h === k && other !== k) ? -Infinity : row[k]!,
    );
    run.keptRadius = settings.judgingRadius;
    restartPoses(run);
  }
  const { radius, learningRate } = settings;
  if (learningRate !== null && !run.flexing) await startFlexing(run, tools, { radius, learningRate });
  run.stage = settings.stage;
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
