/**
 * @file The analysis of a run in a folder: for every class a table of its particles, figures, and its states as selections.
 *
 * class_001.csv (one row per particle), centres.csv (segments and states with the particle nearest each centre), states.csv
 * (how many, and does each come back from other starts), class_001_umap.svg …, class_001_state_1.json (a selection).
 */
import { join } from "node:path";
import papaparse from "papaparse";
import type { OnProgress } from "../core/progress.js";
import { writeFileAtomic } from "../io/atomic.js";
import {
  type AnalysisOptions,
  analyseLatents,
  canBeAnalysed,
  componentView,
  type LatentAnalysis,
  umapView,
} from "../latent/analysis.js";
import { gaussianMixture } from "../latent/gaussian-mixture.js";
import { latentSpaces } from "../latent/latent-space.js";
import { analysisColumns, centreColumns, type TableColumns } from "../latent/latent-tables.js";
import { selectCluster } from "../latent/select-by.js";
import { writeSelection } from "../latent/selection-file.js";
import { binomialInterval } from "../metrics/binomial-interval.js";
import { labelStability } from "../metrics/label-stability.js";
import type { Figure } from "../plot/figure.js";
import { latentDensity } from "../plot/latent-density.js";
import { latentScatter } from "../plot/latent-scatter.js";
import { makeFolder } from "./make-folder.js";
import type { Run } from "./open-run.js";

export interface AnalyzeOptions extends AnalysisOptions {
  /** @default the folder "analysis" of the run */
  readonly out?: string;
  readonly onProgress?: OnProgress;
}

export interface RunAnalysis {
  readonly out: string;
  readonly classes: readonly LatentAnalysis[];
  /** One row per state. */
  readonly states: readonly StateRow[];
  /** Classes left out, from 1: rigid, or too few particles. */
  readonly leftOut: readonly number[];
}

export interface StateRow {
  /** From 1. */
  readonly class: number;
  /** From 1. */
  readonly state: number;
  readonly particles: number;
  /** 95 % bootstrap interval. */
  readonly low: number;
  readonly high: number;
  /** Mean best Jaccard index over other starts, 0..1. */
  readonly stability: number;
}

/** Other starts that a state's stability is judged by. */
const REPETITIONS = 5;

/** Analyse every class of a run and write what was found. */
export function analyzeRun(run: Run, options: AnalyzeOptions = {}): RunAnalysis {
  const { out = join(run.folder, "analysis"), onProgress, ...asked } = options;
  const spaces = latentSpaces(run.particles());
  const able = spaces.filter(canBeAnalysed);
  makeFolder(out);
  const states: StateRow[] = [];
  const classes = able.map((space, n) => {
    onProgress?.({ stage: `class ${space.classNumber}`, fraction: n / able.length });
    const analysis = analyseLatents(space, asked);
    states.push(...stateRows(analysis));
    writeClass(out, analysis);
    return analysis;
  });
  writeTable(join(out, "states.csv"), columnsOf(states));
  writeTable(join(out, "centres.csv"), joined(classes.map(centreColumns)));
  const leftOut = spaces.filter((space) => !able.includes(space)).map(({ classNumber }) => classNumber);
  return { out, classes, states, leftOut };
}

function writeClass(out: string, analysis: LatentAnalysis): void {
  const { space, states } = analysis;
  const name = `class_${String(space.classNumber).padStart(3, "0")}`;
  writeTable(join(out, `${name}.csv`), analysisColumns(analysis));
  for (const [what, figure] of Object.entries(analysisFigures(analysis)))
    writeFileAtomic(join(out, `${name}_${what}.svg`), figure.svg);
  for (let state = 1; state <= states.K; state++)
    writeSelection(join(out, `${name}_state_${state}.json`), selectCluster(space, states.labels, state));
}

/** The pictures of one class: UMAP, principal components, density. */
export function analysisFigures(analysis: LatentAnalysis): { umap: Figure; components: Figure; density: Figure } {
  const { space, states, components } = analysis;
  const of = `of class ${space.classNumber}`;
  const [drawn, projected] = [umapView(analysis), componentView(analysis)];
  const categories = Array.from(states.labels, (c) => c + 1);
  const share = (c: number): string => `component ${c} (${Math.round(100 * (components.explained[c - 1] ?? 0))} %)`;
  return {
    umap: latentScatter({ ...drawn, categories }, { title: `UMAP ${of}`, colourLabel: "state" }),
    components: latentScatter(
      { ...projected, categories },
      { title: `Principal components ${of}`, colourLabel: "state", xLabel: share(1), yLabel: share(2) },
    ),
    density: latentDensity(drawn, { title: `Density of particles ${of}` }),
  };
}

function stateRows({ space, states, seed }: LatentAnalysis): StateRow[] {
  const { values, dimension, classNumber } = space;
  const others = Array.from(
    { length: REPETITIONS },
    (_, n) => gaussianMixture(values, dimension, states.K, { seed: seed + n + 1 }).labels,
  );
  const { classes, jaccard } = labelStability(states.labels, others);
  return Array.from(states.sizes, (particles, c) => {
    const [low, high] = binomialInterval(particles, states.labels.length);
    return { class: classNumber, state: c + 1, particles, low, high, stability: jaccard[classes.indexOf(c)] ?? 0 };
  });
}

function columnsOf(rows: readonly StateRow[]): TableColumns {
  const names = ["class", "state", "particles", "low", "high", "stability"] as const;
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

/** Tables of several classes, one below the other; they have the same columns. */
function joined(tables: readonly TableColumns[]): TableColumns {
  return Object.fromEntries(
    Object.keys(tables[0] ?? {}).map((name) => [name, tables.flatMap((table) => [...table[name]!])]),
  );
}

function writeTable(path: string, columns: TableColumns): void {
  const fields = Object.keys(columns);
  const count = columns[fields[0] ?? ""]?.length ?? 0;
  const data = Array.from({ length: count }, (_, i) => fields.map((name) => columns[name]![i]!));
  writeFileAtomic(path, `${papaparse.unparse({ fields, data }, { newline: "\n" })}\n`);
}
