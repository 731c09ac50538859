import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRunPanel, headline, remainingSeconds } from "../../../kernel/run-panel.js";
import type { ProgressRow } from "../../../src/run/progress-log.js";
import type { RunReport } from "../../../src/run/run-in-progress.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyFigure } from "../../support/tiny-figure.js";

const at = temporaryFolder();

function row(step: number, steps: number, seconds: number): ProgressRow {
  const fixed = { imagesPerSecond: 120, radius: 8, resolutionAngstrom: 32, poseTemperature: 2, classTemperature: 2 };
  const classWeights = [0.5, 0.3, 0.2];
  return {
    step,
    steps,
    pass: 1,
    fraction: step / steps,
    seconds,
    logEvidence: -512.4,
    changed: 0.1,
    classWeights,
    ...fixed,
  };
}

function report(rows: readonly ProgressRow[], change: Partial<RunReport> = {}): RunReport {
  return {
    state: "running",
    progress: { stage: "reconstruct", fraction: rows.at(-1)?.fraction ?? 0 },
    rows,
    ...change,
  };
}

/** A run folder with what the panel reads. */
function folder(name: string): string {
  mkdirSync(at(name));
  const manifest = { kind: "iolaus-run", settings: { passes: 10 }, input: { count: 100 } };
  writeFileSync(at(name, "run.json"), JSON.stringify(manifest));
  return at(name);
}

test("the line says stage, share, pace, classes, evidence and time left", () => {
  const rows = Array.from({ length: 10 }, (_, i) => row(i + 1, 40, 2 * (i + 1)));
  expect(headline("run", report(rows))).toBe(
    "run: reconstruct 25 % · pass 1, 32 Å, classes 50/30/20 %, 10 % changed, 120 images/s · log-evidence -512 · 60 s left",
  );
});

test("the time left follows the latest pace, and is not said before there is one", () => {
  expect(remainingSeconds([])).toBeUndefined();
  expect(remainingSeconds([row(1, 10, 1), row(2, 10, 2)])).toBeUndefined();
  const slowing = [...Array(20).keys()].map((i) => row(i + 1, 100, i < 10 ? i : 10 + 5 * (i - 10)));
  expect(remainingSeconds(slowing)).toBeCloseTo(80 * 5, 6);
});

test("the panel is a line, a bar and pictures; the preview joins as soon as it is there", () => {
  const run = folder("panel");
  const panel = createRunPanel(run);
  const rows = Array.from({ length: 500 }, (_, i) => row(i + 1, 1000, i));
  const html = String(panel.bundle(report(rows))["text/html"]);
  expect(html).toContain('data-iolaus-run="running" data-fraction="0.5000"');
  expect(html.match(/<img /g)).toHaveLength(1);
  const { svg, text, width } = tinyFigure();
  writeFileSync(at("panel", "preview.json"), JSON.stringify({ step: 1, pictures: [{ svg, text, width }] }));
  const more = String(panel.bundle(report(rows))["text/html"]);
  expect(more.match(/<img /g)).toHaveLength(2);
  expect(more.length).toBeLessThan(200_000);
  expect(more).not.toContain("<script");
});

test("hostile names of folders and reasons are text", () => {
  const hostile = `<img src=x onerror="alert(1)">`;
  const run = folder(hostile.replaceAll("/", ""));
  const html = String(createRunPanel(run).bundle(report([], { state: "failed", reason: hostile }))["text/html"]);
  expect(html).not.toMatch(/<img/);
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
});
