/**
 * @file A run under way as one output: how far it is, how long it will take, its curves, and the maps and viewing
 * directions of its latest preview. Everything is text and pictures, so it shows where scripts do not run.
 */
import { existsSync, statSync } from "node:fs";
import escapeHtml from "escape-html";
import { runProgress } from "#iolaus/plot/run-progress.js";
import { findingLines } from "#iolaus/run/class-summary.js";
import type { ProgressRow } from "#iolaus/run/progress-log.js";
import { runSteps } from "#iolaus/run/report-figures.js";
import { stepText } from "#iolaus/run/reporter.js";
import { runFolder } from "#iolaus/run/run-folder.js";
import type { RunReport } from "#iolaus/run/run-in-progress.js";
import { readManifest } from "#iolaus/run/run-manifest.js";
import { type PreviewPicture, readPreview } from "#iolaus/run/run-preview.js";
import type { MimeBundle } from "./mime-bundle.js";

/** Points of a curve: more cannot be told apart. */
const SHOWN_ROWS = 120;
/** The curves are drawn again after this many ms, or at the end. */
const DRAW_MS = 2000;

export interface RunPanel {
  bundle(report: RunReport): MimeBundle;
}

/** Draws the panel of the run in `folder`; keeps pictures that have not changed. */
export function createRunPanel(folder: string): RunPanel {
  let curves = { drawn: -Infinity, html: "" };
  let preview = { changed: -1, html: "" };
  return {
    bundle(report) {
      const { rows, state } = report;
      const now = performance.now();
      if (rows.length > 1 && (state !== "running" || now - curves.drawn > DRAW_MS))
        curves = { drawn: now, html: pictureHtml(curvesOf(folder, rows)) };
      const changed = statSync(runFolder(folder).file("preview"), { throwIfNoEntry: false })?.mtimeMs ?? -1;
      if (changed !== preview.changed) preview = { changed, html: previewHtml(folder) };
      const words = headline(folder, report);
      return { "text/html": panelHtml(words, report, curves.html + preview.html), "text/plain": words };
    },
  };
}

/** One line: what, how far, how fast, how long still. */
export function headline(folder: string, { state, progress, rows, reason }: RunReport): string {
  const row = rows.at(-1);
  const facts = row === undefined ? [] : [stepText(row), `log-evidence ${Math.round(row.logEvidence)}`];
  const done = `${Math.round(100 * progress.fraction)} %`;
  const start = `${folder}: ${state === "running" ? progress.stage : state} ${done}`;
  const seconds = state === "running" ? remainingSeconds(rows) : undefined;
  const left = seconds === undefined ? [] : [`${duration(seconds)} left`];
  return [start, ...facts, ...left, ...(reason === undefined ? [] : [reason])].join(" · ");
}

/** From the pace of the latest fifth of the steps, s; undefined while there are too few. */
export function remainingSeconds(rows: readonly ProgressRow[]): number | undefined {
  const last = rows.at(-1);
  const before = rows.at(-Math.max(3, Math.ceil(rows.length / 5)) - 1);
  if (last === undefined || before === undefined || last.fraction <= before.fraction) return undefined;
  return ((1 - last.fraction) * (last.seconds - before.seconds)) / (last.fraction - before.fraction);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function curvesOf(folder: string, rows: readonly ProgressRow[]): PreviewPicture {
  const every = Math.max(1, Math.ceil(rows.length / SHOWN_ROWS));
  const shown = rows.filter((_, i) => (rows.length - 1 - i) % every === 0);
  const { settings, input } = readManifest(runFolder(folder).file("manifest"));
  return runProgress(runSteps(shown, settings.passes * input.count), { title: "Progress" });
}

function previewHtml(folder: string): string {
  const preview = readPreview(runFolder(folder).file("preview"));
  return linesHtml(preview?.findings ?? findingsOf(folder)) + (preview?.pictures ?? []).map(pictureHtml).join("");
}

/** Of a run that has ended. */
function findingsOf(folder: string): string[] {
  const path = runFolder(folder).file("manifest");
  if (!existsSync(path)) return [];
  return findingLines((readManifest(path).classes ?? []).flatMap(({ findings }) => findings));
}

function linesHtml(lines: readonly string[]): string {
  return lines.map((line) => `<div style="font:13px system-ui,sans-serif">${escapeHtml(line)}</div>`).join("\n");
}

function pictureHtml({ svg, text, width }: PreviewPicture): string {
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  return `<img alt="${escapeHtml(text)}" width="${width}" style="max-width:100%" src="${source}"/>`;
}

function panelHtml(words: string, { progress, state }: RunReport, pictures: string): string {
  const colour = state === "failed" ? "#b42318" : state === "stopped" ? "#98a2b3" : "#0f766e";
  const bar = `<div style="width:${(100 * progress.fraction).toFixed(1)}%;height:6px;background:${colour}"></div>`;
  return [
    `<div data-iolaus-run="${state}" data-fraction="${progress.fraction.toFixed(4)}">`,
    `<div style="font:13px system-ui,sans-serif">${escapeHtml(words)}</div>`,
    `<div style="background:#e4e7ec;margin:4px 0;max-width:760px">${bar}</div>`,
    `${pictures}</div>`,
  ].join("\n");
}
