/** @file The figures of a run's report: those that the run has data for. Latents are shown class by class, never pooled. */
import type { Defocus, Volume } from "../core/types.js";
import { usedCoordinates } from "../latent/latent-space.js";
import { principalComponents } from "../latent/pca.js";
import { pointsAt } from "../latent/points.js";
import type { LabelStability } from "../metrics/label-stability.js";
import { assignmentEntropy } from "../plot/assignment-entropy.js";
import { type ClassAveragesRow, classAverages } from "../plot/class-averages.js";
import { classOccupancy } from "../plot/class-occupancy.js";
import { classSimplex } from "../plot/class-simplex.js";
import { type ConvergenceStep, convergence } from "../plot/convergence.js";
import { defocusDistribution } from "../plot/defocus-distribution.js";
import type { Figure } from "../plot/figure.js";
import { histogram } from "../plot/histogram.js";
import { isosurface } from "../plot/isosurface.js";
import { latentScatter } from "../plot/latent-scatter.js";
import { percentText } from "../plot/number-text.js";
import { orthogonalSlices } from "../plot/orthogonal-slices.js";
import { type RunStep, runProgress } from "../plot/run-progress.js";
import { viewingDirections } from "../plot/viewing-directions.js";
import { chosenRotations } from "./chosen-rotations.js";
import type { ClassHalves } from "./class-halves.js";
import type { RunParticles } from "./particle-table.js";
import type { ProgressRow } from "./progress-log.js";

export interface ReportedRun {
  readonly particles: RunParticles;
  readonly volumes: readonly Volume[];
  /** One entry per class. @default none: not shown */
  readonly halves?: readonly (ClassHalves | null)[];
  /** Of the classes over the last passes. @default none: not shown */
  readonly stability?: LabelStability | null;
  /** Of the images. @default none: not shown */
  readonly defocus?: readonly Defocus[];
  /** 2-D averages of each class. @default none: not shown */
  readonly averages?: { readonly rows: readonly ClassAveragesRow[]; readonly pixelSizeAngstrom: number };
}

/** `imagesInAll`: visits of the whole run, each pass counting again. */
export function reportFigures(run: ReportedRun, rows: readonly ProgressRow[], passes: number): Figure[] {
  const { particles, volumes, defocus = [], averages } = run;
  const { K, assignments } = particles;
  const { classes, poses, posterior } = assignments;
  const members = Array.from({ length: K }, (_, k) => [...classes.keys()].filter((i) => classes[i] === k));
  const names = members.map((_, k) => `class ${k + 1}`);
  const maps = volumes.map((volume, k) => ({ label: names[k]!, volume }));
  const full = members.map((_, k) => k).filter((k) => members[k]!.length > 0);
  const figures = [isosurface(maps, { slider: false }), orthogonalSlices(maps)];
  if (averages !== undefined) figures.push(classAverages(averages.rows, averages));
  figures.push(classOccupancy(members.map((list) => list.length)));
  if (K > 1) figures.push(assignmentEntropy(posterior, K), classSimplex(posterior, K));
  if (rows.length > 0)
    figures.push(runProgress(runSteps(rows, passes * classes.length)), convergence(convergenceSteps(rows, passes)));
  for (const k of full)
    figures.push(
      viewingDirections(chosenRotations(poses.rotations, members[k]!), { title: `Viewing directions, ${names[k]}` }),
    );
  figures.push(...latentFigures(particles, members));
  if (defocus.length > 0) figures.push(defocusDistribution(defocus));
  return figures;
}

/** The rows of a run as `runProgress` draws them. */
export function runSteps(rows: readonly ProgressRow[], imagesInAll: number): RunStep[] {
  return rows.map((row) => ({
    images: Math.round(row.fraction * imagesInAll),
    radius: row.radius,
    temperature: row.poseTemperature,
    logLikelihood: row.logEvidence,
    occupancy: row.classWeights,
  }));
}

/** The rows of a run as `convergence` draws them. */
export function convergenceSteps(rows: readonly ProgressRow[], passes: number): ConvergenceStep[] {
  return rows.map(({ fraction, logEvidence, changed, resolutionAngstrom }) => ({
    passes: fraction * passes,
    loss: -logEvidence,
    changed,
    resolutionAngstrom,
  }));
}

function latentFigures({ zDim, assignments: { z } }: RunParticles, members: readonly (readonly number[])[]): Figure[] {
  const figures: Figure[] = [];
  members.forEach((rows, k) => {
    if (rows.length < 3) return;
    const title = `Conformations of class ${k + 1}`;
    const used = usedCoordinates(z, zDim, rows);
    if (used === 1) {
      const values = rows.map((i) => z[i * zDim]!);
      figures.push(histogram([{ label: `class ${k + 1}`, values }], { xLabel: "z1 (a.u.)", title }));
    } else if (used > 1) {
      const points = pointsAt(z, zDim, rows).filter((_, at) => at % zDim < used);
      const { scores, explained } = principalComponents(points, used);
      const axis = (c: number): string => `PC ${c + 1} (a.u.), ${percentText(explained[c]!)} of the variance`;
      const along = (c: number): number[] => rows.map((_, i) => scores[used * i + c]!);
      figures.push(latentScatter({ x: along(0), y: along(1) }, { title, xLabel: axis(0), yLabel: axis(1) }));
    }
  });
  return figures;
}
