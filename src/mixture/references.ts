/**
 * @file What images are compared with: the map of every class, back-projected from the images last drawn for it.
 *
 * A few hundred recent images to a class: while hot, maps must follow the latest draws and forget early mistakes.
 */
import { randomRotation } from "../geometry/rotation.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { Settings } from "./batch-plan.js";
import { drawnImages, drawnPoses } from "./image-table.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";

/** The rasters of all classes within the radius of the batch, whitened units. */
export async function classReferences(
  run: MixtureRun,
  { backProjection }: MixtureTools,
  settings: Settings,
): Promise<FourierRaster[]> {
  if (run.visits === 0) drawBlindly(run, settings.memory);
  const { table } = run;
  const groups = Array.from({ length: run.fields.length }, (_, k) => {
    const images = drawnImages(table, k, run.visits, settings.memory * run.fields.length);
    return { images, poses: drawnPoses(table, images) };
  });
  return backProjection.rasters(groups, settings.radius);
}

/** The start from nothing: some images in random classes at random poses. */
function drawBlindly({ table, fields, random }: MixtureRun, memory: number): void {
  const images = Math.min(table.classes.length, memory * fields.length);
  for (let i = 0; i < images; i++) {
    table.drawnClass[i] = random.integer(fields.length);
    const rotation = randomRotation(random);
    table.drawnPose.set(rotation.slice(0, 6), i * POSE_STRIDE);
  }
}
