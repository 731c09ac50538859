/** @file The E-step: poses, evidence, class and conformation of a batch of images, and a draw for the fields. */
import type { FourierRaster } from "../imaging/fourier-raster.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { SearchResult } from "../pose/search.js";
import { balancingOffsets } from "./class-balance.js";
import { flexClass, rasteriseClass, startFlexing } from "./flexing.js";
import { type Ask, drawPose, KEEP, startingPoses, storeSeeds } from "./image-table.js";
import { nearestAnchor } from "./latents.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import { classWeights, drawIndex, largestIndex, posteriorInto } from "./responsibility.js";
import type { Settings } from "./schedule.js";
import { searchPlan } from "./search-plan.js";

/** Classes less likely than this are not searched in local searches. */
const LEAST_POSTERIOR = 1e-3;

/** Poses, evidence, class, conformation of each image; a draw of class and pose for the next field steps. */
export async function expectation(
  run: MixtureRun,
  tools: MixtureTools,
  images: Int32Array,
  settings: Settings,
): Promise<void> {
  const { set, table, random } = run;
  const { schedule } = run.options;
  const K = run.fields.length;
  if (settings.latents && !run.flexing) await startFlexing(run, tools, settings);
  const rasters: (readonly FourierRaster[])[] = [];
  for (let k = 0; k < K; k++) rasters.push(await rasteriseClass(run, tools, k, settings));
  await tools.search.setReferences(rasters.flat(), searchPlan(set, schedule, settings));
  const shape = { K, anchors: rasters[0]!.length };
  const found = await tools.search.search(images, random, startingPoses(table, images, shape, asks(run, settings)));
  images.forEach((image, row) => {
    table.visited[image] = run.visits++;
    recordImage(run, image, row, found, shape.anchors, settings);
  });
  if (settings.latents)
    for (let k = 0; k < K; k++) {
      const members = Array.from(images).filter((image) => table.drawnClass[image] === k);
      flexClass(run, tools, { k, members, rasters: rasters[k]! }, settings.radius);
    }
  if (settings.balance > 0) {
    const offsets = balancingOffsets(table.classEvidence, table.classes, run.offsets, settings.classTemperature);
    run.offsets = offsets.map((b) => settings.balance * b);
    run.weights = new Float64Array(K).fill(1 / K);
  } else {
    run.offsets = new Float64Array(K);
    run.weights = classWeights(table.posterior, table.classes, K, schedule.dirichletPrior);
  }
}

/** Global at first; later most images near their last poses, under the classes that may hold them, at their z. */
function asks(
  { options, fields, table, random }: MixtureRun,
  settings: Settings,
): (image: number, k: number, a: number) => Ask {
  const { zDim } = options;
  const K = fields.length;
  let latest = -1;
  let everywhere = true;
  return (image, k, anchor) => {
    if (image !== latest) {
      latest = image;
      everywhere = settings.localShare === 0 || table.classes[image]! < 0 || random.uniform() >= settings.localShare;
    }
    if (everywhere) return anchor === 0 ? "everywhere" : "nothing";
    const slot = image * K + k;
    if (settings.classTemperature <= 1 && table.posterior[slot]! < LEAST_POSTERIOR) return "nothing";
    return anchor === (settings.latents ? nearestAnchor(table.z, slot * zDim, zDim) : 0) ? "nearby" : "nothing";
  };
}

function recordImage(
  run: MixtureRun,
  image: number,
  row: number,
  found: SearchResult,
  anchorCount: number,
  settings: Settings,
): void {
  const { table, random } = run;
  const K = run.fields.length;
  const stride = KEEP * POSE_STRIDE;
  const evidence = new Float64Array(K);
  const bestAnchor = new Int32Array(K);
  for (let k = 0; k < K; k++) {
    const from = (row * K + k) * anchorCount;
    bestAnchor[k] = largestIndex(found.evidence, from, anchorCount);
    evidence[k] = found.evidence[from + bestAnchor[k]!]!;
    if (evidence[k]! > -Infinity) storeSeeds(table, image * K + k, found.poses, (from + bestAnchor[k]!) * stride);
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
  const from = ((row * K + drawn) * anchorCount + bestAnchor[drawn]!) * stride;
  drawPose(table, image, found.poses, from, settings.poseTemperature, random);
}
