/** @file The E-step: poses, evidence, class and conformation of a batch of images, and a draw for the maps. */
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { SearchResult } from "../pose/search.js";
import type { Settings } from "./batch-plan.js";
import { balancingOffsets } from "./class-balance.js";
import { type Ask, drawPose, isJunk, KEEP, startingPoses, storeSeeds } from "./image-table.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import { classReferences } from "./references.js";
import { classWeights, drawIndex, largestIndex, posteriorInto } from "./responsibility.js";
import { searchPlan } from "./search-plan.js";

/** Classes less likely than this are not searched in local searches. */
const LEAST_POSTERIOR = 1e-3;

/** Poses, evidence, class, conformation of each image; a draw of class and pose for the next maps. */
export async function expectation(
  run: MixtureRun,
  tools: MixtureTools,
  visited: Int32Array,
  settings: Settings,
): Promise<void> {
  const { set, table, random } = run;
  // Images that ask for one class are scored together.
  const images = settings.alone ? visited.toSorted((a, b) => table.classes[a]! - table.classes[b]!) : visited;
  const { schedule } = run.options;
  const K = run.fields.length;
  run.references = await classReferences(run, tools, settings);
  await tools.search.setReferences(run.references, searchPlan(set, schedule, settings));
  const found = await tools.search.search(images, random, startingPoses(table, images, K, asks(run, settings)));
  images.forEach((image, row) => {
    table.visited[image] = run.visits++;
    recordImage(run, image, row, found, settings);
  });
  if (settings.balance > 0) {
    const offsets = balancingOffsets(table.classEvidence, table.classes, run.offsets, settings.classTemperature);
    run.offsets = offsets.map((b) => settings.balance * b);
    run.weights = new Float64Array(K).fill(1 / K);
  } else {
    run.offsets = new Float64Array(K);
    run.weights = classWeights(table.posterior, table.classes, K, schedule.dirichletPrior);
  }
}

/**
 * Global at first, under all classes or the image's own; later most images near their last poses, under the classes that may
 * hold them. Images that look like junk are sought everywhere: some have only got a wrong pose.
 */
function asks({ fields, table, random }: MixtureRun, settings: Settings): (image: number, k: number) => Ask {
  const K = fields.length;
  let latest = -1;
  let everywhere = true;
  return (image, k) => {
    if (settings.alone && table.classes[image]! >= 0) return table.classes[image] === k ? "everywhere" : "nothing";
    if (image !== latest) {
      latest = image;
      const isAstray = table.classes[image]! < 0 || isJunk(table, image);
      everywhere = settings.localShare === 0 || isAstray || random.uniform() >= settings.localShare;
    }
    if (everywhere) return "everywhere";
    return settings.classTemperature <= 1 && table.posterior[image * K + k]! < LEAST_POSTERIOR ? "nothing" : "nearby";
  };
}

function recordImage(run: MixtureRun, image: number, row: number, found: SearchResult, settings: Settings): void {
  const { table, random } = run;
  const K = run.fields.length;
  const stride = KEEP * POSE_STRIDE;
  const evidence = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    evidence[k] = found.evidence[row * K + k]!;
    if (evidence[k]! > -Infinity) storeSeeds(table, image * K + k, found.poses, (row * K + k) * stride);
  }
  table.classEvidence.set(evidence, image * K);
  const offered = evidence.map((e, k) => e + run.offsets[k]!);
  posteriorInto(table.posterior, image * K, offered, 0, run.weights, settings.classTemperature);
  const best = largestIndex(table.posterior, image * K, K);
  table.changed[image] = table.classes[image] === best ? 0 : 1;
  table.classes[image] = best;
  table.evidence[image] = evidence[best]!;
  const drawn = drawIndex(table.posterior, image * K, K, random);
  table.drawnClass[image] = drawn;
  drawPose(table, image, found.poses, (row * K + drawn) * stride, settings.poseTemperature, random);
}
