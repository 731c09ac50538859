/** @file The E-step: poses, evidence, class and conformation of a batch of images, and a draw for the fields. */
import { rasterise } from "../field/rasterise.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { SearchResult } from "../pose/search.js";
import { balancingOffsets } from "./class-balance.js";
import { drawPose, KEEP, startingPoses, storeSeeds } from "./image-table.js";
import { anchors, latentFromAnchors } from "./latent-axis.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import { classWeights, drawIndex, largestIndex, posteriorInto } from "./responsibility.js";
import type { Settings } from "./schedule.js";
import { searchPlan } from "./search-plan.js";

/** Poses, evidence, class, conformation of each image; a draw of class and pose for the next field steps. */
export async function expectation(
  run: MixtureRun,
  tools: MixtureTools,
  images: Int32Array,
  settings: Settings,
): Promise<void> {
  const { set, fields, table, random } = run;
  const { classes: K, zDim, schedule } = run.options;
  const points = settings.latents ? anchors(zDim) : [new Float32Array(zDim)];
  const rasters: FourierRaster[] = [];
  for (const field of fields)
    for (const z of points)
      rasters.push(
        await rasterise(tools.evaluator, field, {
          box: set.box,
          radius: settings.radius,
          z,
          envelope: set.signalEnvelope,
        }),
      );
  await tools.search.setReferences(rasters, searchPlan(set, schedule, settings));
  const everywhere = (image: number): boolean => table.classes[image]! < 0 || random.uniform() >= settings.localShare;
  const previous =
    settings.localShare > 0 ? startingPoses(table, images, { K, anchors: points.length }, everywhere) : undefined;
  const found = await tools.search.search(images, random, previous);
  images.forEach((image, row) => {
    table.visited[image] = run.step * run.options.batch + row;
    recordImage(run, image, row, found, points.length, settings);
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

function recordImage(
  run: MixtureRun,
  image: number,
  row: number,
  found: SearchResult,
  anchorCount: number,
  settings: Settings,
): void {
  const { table, random } = run;
  const { classes: K, zDim } = run.options;
  const stride = KEEP * POSE_STRIDE;
  const evidence = new Float64Array(K);
  const bestAnchor = new Int32Array(K);
  for (let k = 0; k < K; k++) {
    const from = (row * K + k) * anchorCount;
    bestAnchor[k] = largestIndex(found.evidence, from, anchorCount);
    evidence[k] = found.evidence[from + bestAnchor[k]!]!;
    if (settings.latents) latentFromAnchors(table.z, (image * K + k) * zDim, found.evidence, from, zDim);
    storeSeeds(table, image * K + k, found.poses, (from + bestAnchor[k]!) * stride);
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
