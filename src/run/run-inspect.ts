/** @file What `iolaus inspect` does: findings as lines, and with --out a page with the pictures. */
import { basename } from "node:path";
import escapeHtml from "escape-html";
import { writeFileAtomic } from "../io/atomic.js";
import { openParticles } from "../io/particles.js";
import { type CheckDataOptions, checkData, type DataCheck } from "./check-data.js";
import { dataFigures } from "./data-figures.js";
import { htmlPage, htmlPicture, htmlTable } from "./report.js";
import { reporter } from "./reporter.js";
import { untilInterrupted } from "./until-interrupted.js";

export interface InspectOptions extends Pick<CheckDataOptions, "images" | "diameterAngstrom"> {
  readonly dataDir?: string;
  readonly pixelSizeAngstrom?: number;
  readonly ctf?: "none";
  /** The page to write. */
  readonly out?: string;
  readonly json?: boolean;
}

export async function runInspect(path: string, options: InspectOptions): Promise<void> {
  const { out, json = false, images, diameterAngstrom, ...opening } = options;
  const report = reporter({ json });
  const particles = await openParticles(path, opening);
  try {
    const found = await untilInterrupted((signal) =>
      checkData(particles, {
        ...(images !== undefined && { images }),
        ...(diameterAngstrom !== undefined && { diameterAngstrom }),
        onProgress: report.progress,
        signal,
      }),
    );
    if (out !== undefined) {
      const rows = found.findings.map(({ level, name, text }) => [level, name, text]);
      const pictures = dataFigures(particles, found).map(htmlPicture);
      const body = [`<p>${escapeHtml(summary(found))}</p>`, htmlTable([["", "", ""], ...rows]), ...pictures];
      writeFileAtomic(out, htmlPage(basename(path), body));
    }
    const lines = found.findings.map(({ level, name, text }) => `${level.padEnd(6)} ${name}: ${text}`);
    const { count, box, pixelSizeAngstrom, contrastSign, findings, poses } = found;
    report.result([summary(found), ...lines, ...(out === undefined ? [] : [out])], {
      ...{ count, box, pixelSizeAngstrom, contrastSign, findings },
      ...(poses && { poses: { verdict: poses.verdict, faults: poses.faults, fit: poses.fit } }),
    });
  } finally {
    report.end();
    particles.close();
  }
}

function summary({ path, count, rows, box, pixelSizeAngstrom }: DataCheck): string {
  const looked = rows.length < count ? `, ${rows.length} of them looked at` : "";
  return `${path}: ${count} particles of ${box}×${box} pixels, ${pixelSizeAngstrom} Å${looked}`;
}
