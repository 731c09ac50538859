/**
 * @file Views that pile up, and the temperature at which they spread again.
 *
 * A shell looks alike from everywhere: apoferritin at 40 Å does. Its images gather in one view all the same, because a map is
 * strongest where it was seen most, and what is strongest explains most. The views that they leave are free for images of
 * another species, which come one after the other: by the likelihood a class of apoferritin seen from the poles and of
 * β-galactosidase seen from elsewhere is better than a true one. With poses drawn at a higher temperature apoferritin's images
 * stay all around. Measured from true classes, 12 rounds, the images of β-galactosidase (of 630) in apoferritin's class: 209 at
 * temperature 1, 123 at 3, 16 at 5, 28 at 8; nine tenths of apoferritin's views in 4 of 48 directions up to 3.
 * So only where the images show no more than 5.2 periods across the particle: with more of them views differ enough, and poses
 * that may not freeze are never found (of two starts of the ribosplike mixture one lost the ribosome's). Preferred orientation
 * looks the same and is treated the same.
 */
import { relativeEvenness, viewCounts } from "../geometry/view-evenness.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { POSE_STRIDE, rotationOfPose } from "../pose/pose-row.js";
import type { Settings } from "./batch-plan.js";
import { isJunk } from "./image-table.js";
import type { MixtureRun } from "./mixture-run.js";
import type { Schedule } from "./schedule.js";

/** Views less even than this, to as many random ones, have piled up. */
const PILED_UP = 0.7;
/** Too few images to tell. */
const LEAST_IMAGES = 40;
/** In units of the temperature at which draws follow the posterior, 1 / windowPower (conformation/independent-image.ts). */
const MOLTEN = 5.5;

/** Periods across the particle at the finest radius. */
const MOST_PERIODS = 5.2;

/** Whether the images show so little that views may pile up for no reason of their own. */
export function isCoarse({ stages }: Schedule, set: PreparedParticles): boolean {
  const finest = Math.max(...stages.map(({ radius }) => radius[1]));
  return (finest * set.diameterAngstrom) / (set.box * set.pixelSizeAngstrom) <= MOST_PERIODS;
}

/** Whether the drawn views of any class have piled up. */
export function viewsPileUp({
  table,
  fields,
}: {
  readonly table: Pick<MixtureRun["table"], "drawnClass" | "drawnPose" | "junk">;
  readonly fields: ArrayLike<unknown>;
}): boolean {
  const views = Array.from({ length: fields.length }, () => [] as number[]);
  table.drawnClass.forEach((k, i) => {
    if (k >= 0 && !isJunk(table, i)) views[k]!.push(...rotationOfPose(table.drawnPose, i * POSE_STRIDE));
  });
  return views.some((matrices) => {
    const count = matrices.length / 9;
    if (count < LEAST_IMAGES) return false;
    return relativeEvenness(viewCounts({ matrices: Float64Array.from(matrices), count })) < PILED_UP;
  });
}

/** Settings under which views do not pile up; those of stages that take the best pose are left as they are. */
export function molten(settings: Settings, windowPower: number): Settings {
  const { poseTemperature } = settings;
  return poseTemperature < 1
    ? settings
    : { ...settings, poseTemperature: Math.max(poseTemperature, MOLTEN / windowPower) };
}
