/** @file report.html: a run on one page that needs nothing from outside and no scripts. */
import { basename, resolve } from "node:path";
import escapeHtml from "escape-html";
import { writeFileAtomic } from "../io/atomic.js";
import type { LabelStability } from "../metrics/label-stability.js";
import type { Figure } from "../plot/figure.js";
import { numberText, percentText } from "../plot/number-text.js";
import { type ClassHalves, halvesFigures, halvesTable } from "./class-halves.js";
import { type ClassSummary, findingLines, meanEntropyBits, summaryTable } from "./class-summary.js";
import type { RunParticles } from "./particle-table.js";
import { type ProgressRow, readProgress } from "./progress-log.js";
import { type ReportedRun, reportFigures } from "./report-figures.js";
import { type RunFolder, volumeFile } from "./run-folder.js";
import type { RunManifest } from "./run-manifest.js";

export interface ReportData extends ReportedRun {
  readonly manifest: RunManifest;
  /** One per class. @default none: not shown */
  readonly summaries?: readonly ClassSummary[];
  /** Why there are as many classes as there are (species-found.ts). @default none: not shown */
  readonly speciesFound?: readonly string[];
}

export function writeReport(folder: RunFolder, data: ReportData): void {
  const rows = readProgress(folder.file("progress"));
  writeFileAtomic(folder.file("report"), reportPage(basename(resolve(folder.path)), data, rows));
}

/** The page. */
export function reportPage(name: string, data: ReportData, rows: readonly ProgressRow[]): string {
  const { manifest, particles } = data;
  return htmlPage(name, [
    `<p>${escapeHtml(summary(manifest, particles, rows))}</p>`,
    "<h2>Classes</h2>",
    htmlTable(classTable(particles)),
    ...junkLine(particles),
    ...(data.speciesFound ?? []).map((line) => `<p>${escapeHtml(line)}</p>`),
    ...summarySection(data.summaries ?? []),
    ...stabilitySection(data.stability ?? null),
    ...halvesSection(data.halves ?? []),
    ...reportFigures(data, rows, manifest.settings.passes).map(htmlPicture),
    "<h2>Settings</h2>",
    htmlTable([["setting", "value"], ...settingRows(manifest)]),
  ]);
}

/** How many images are in no class, or nothing where all are in one. */
function junkLine({ assignments: { classes } }: RunParticles): string[] {
  const outside = classes.reduce((n, k) => n + (k < 0 ? 1 : 0), 0);
  if (outside === 0) return [];
  const share = percentText(outside / classes.length);
  return [
    `<p>${outside} images (${share}) are in no class: no map explains them, or the run had not come to them.</p>`,
  ];
}

/** Occupancy, certainty and symmetry, and what went wrong. */
function summarySection(summaries: readonly ClassSummary[]): string[] {
  if (summaries.length === 0) return [];
  const lines = findingLines(summaries.flatMap(({ findings }) => findings));
  const entropy = numberText(Number(meanEntropyBits(summaries).toFixed(3)));
  return [
    htmlTable(summaryTable(summaries)),
    `<p>Mean entropy of p(k|i) over all images: ${entropy} bits of ${numberText(Number(Math.log2(summaries.length).toFixed(3)))}.</p>`,
    lines.length === 0
      ? "<p>Nothing is wrong with the classes as far as their maps, images and views tell.</p>"
      : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`,
  ];
}

/** Whether the classes stayed over the last passes, or nothing where that is not known. */
function stabilitySection(stability: LabelStability | null): string[] {
  if (stability === null) return [];
  const { classes, jaccard, adjustedRandIndices } = stability;
  const rows = classes.flatMap((k, i) => (Number(k) > 0 ? [[String(k), numberText(jaccard[i]!)]] : []));
  const head = [
    "class",
    `stability over the ${adjustedRandIndices.length} passes before the end (1: the same particles)`,
  ];
  return [htmlTable([head, ...rows])];
}

/** The half maps, or nothing where no class has them. */
function halvesSection(halves: readonly (ClassHalves | null)[]): string[] {
  const [picture] = halvesFigures(halves);
  if (picture === undefined) return [];
  const caution =
    "Both halves of a class share the poses of this run: where they agree is what the images support at these poses, not a gold-standard resolution.";
  return ["<h2>Half maps</h2>", htmlTable(halvesTable(halves)), `<p>${caution}</p>`, htmlPicture(picture)];
}

/** A page that needs nothing from outside and no scripts. `body`: pieces of HTML. */
export function htmlPage(title: string, body: readonly string[]): string {
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...body,
    "</main></body></html>\n",
  ].join("\n");
}

const STYLE = `
body { margin: 0; background: #fff; color: #1b1f24; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-size: 14px; margin: .5rem 0; }
th, td { border: 1px solid #d5dae0; padding: .2rem .6rem; text-align: left; }
th { background: #f5f7f9; }
img { max-width: 100%; height: auto; display: block; margin: 1rem 0; }
`;

function summary(manifest: RunManifest, particles: RunParticles, rows: readonly ProgressRow[]): string {
  const { input, settings, timings } = manifest;
  const last = rows.at(-1);
  const how = `${particles.keys.length} particles of ${basename(input.path)}, box ${settings.box}, seed ${settings.seed}`;
  if (last === undefined) return how;
  const minutes = ((last.seconds + timings.prepareSeconds) / 60).toFixed(1);
  const far = last.fraction < 1 ? `, stopped at ${percentText(last.fraction)} of the run` : "";
  return `${how}; ${last.pass} passes in ${minutes} min, down to ${numberText(last.resolutionAngstrom)} Å${far}.`;
}

/** Header and one row per class. */
export function classTable({ K, assignments }: RunParticles): string[][] {
  const { classes, posterior } = assignments;
  const share = new Float64Array(K);
  const images = new Float64Array(K);
  const certainty = new Float64Array(K);
  classes.forEach((k, i) => {
    if (k < 0) return;
    for (let c = 0; c < K; c++) share[c]! += posterior[i * K + c]! / classes.length;
    images[k]! += 1;
    certainty[k]! += posterior[i * K + k]!;
  });
  const rows = Array.from({ length: K }, (_, k) => [
    String(k + 1),
    String(images[k]),
    percentText(share[k]!),
    images[k] === 0 ? "" : numberText(certainty[k]! / images[k]!),
    volumeFile(k + 1),
  ]);
  return [["class", "images", "share (sum of posteriors)", "mean posterior of its images", "map"], ...rows];
}

export function htmlPicture(figure: Figure): string {
  const data = Buffer.from(figure.svg).toString("base64");
  return `<img alt="${escapeHtml(figure.text)}" width="${figure.width}" src="data:image/svg+xml;base64,${data}">`;
}

export function htmlTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table>${line(head, "th")}${rows.map((row) => line(row, "td")).join("")}</table>`;
}

function settingRows({ settings, machinery, versions }: RunManifest): string[][] {
  const shown = { ...settings, engine: machinery.engine, threads: machinery.threads, ...versions };
  return Object.entries(shown).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
}
