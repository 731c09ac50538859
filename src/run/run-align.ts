/**
 * @file Particles against a map: poses as columns of the input's list.
 *
 * Besides angles and origins the list gets rlnLogLikeliContribution, the log-evidence up to ½‖x‖², and
 * iolausPoseSpread, degrees: 68 % of the posterior lie this near the pose.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { prepare } from "../imaging/prepare.js";
import { exportStar } from "../io/export-star.js";
import { readVolume } from "../io/mrc.js";
import { openParticles } from "../io/particles.js";
import { poseColumns } from "../io/star-poses.js";
import { writeStar } from "../io/star-write.js";
import { median } from "../metrics/quantile.js";
import { searchPoses } from "../pose/search-poses.js";
import { reporter } from "./reporter.js";
import { untilInterrupted } from "./until-interrupted.js";

export interface AlignOptions {
  /** The STAR file to write. */
  readonly out: string;
  readonly symmetry?: string;
  readonly resolutionAngstrom?: number;
  readonly diameterAngstrom?: number;
  readonly shiftRangeAngstrom?: number;
  readonly box?: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Align the particles of `path` to the map `mapPath` and write them with their poses. */
export async function runAlign(mapPath: string, path: string, options: AlignOptions): Promise<void> {
  const { out, json = false, box, diameterAngstrom, dataDir, ...search } = options;
  const report = reporter({ json });
  const map = readVolume(mapPath);
  const particles = await openParticles(path, { ...(dataDir !== undefined && { dataDir }) });
  const folder = mkdtempSync(join(tmpdir(), "iolaus-align-"));
  try {
    const found = await untilInterrupted(async (signal) => {
      const shared = { onProgress: report.progress, signal };
      const working = {
        ...(box !== undefined && { box }),
        ...(diameterAngstrom !== undefined && { diameterAngstrom }),
      };
      const set = await prepare(particles, join(folder, "prepared"), { ...shared, ...working });
      return searchPoses(set, map, { ...shared, ...search });
    });
    const spreadDeg = Float64Array.from(found.spreadRad, (rad) => rad / RADIANS_PER_DEGREE);
    const added = {
      ...poseColumns(particles, found.poses),
      rlnLogLikeliContribution: found.evidence,
      iolausPoseSpread: spreadDeg,
    };
    writeStar(out, exportStar(particles, { added }));
    const typical = median(spreadDeg);
    const text = `${found.images.length} particles aligned; uncertainty ${typical.toFixed(1)}° in the middle of them`;
    report.result([text, out], { out, count: found.images.length, medianSpreadDeg: typical });
  } finally {
    report.end();
    particles.close();
    rmSync(folder, { recursive: true });
  }
}
