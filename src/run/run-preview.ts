/**
 * @file preview.json: what a run looks like so far, for whoever watches it. The process that computes draws it now and
 * then, so that watching costs the watcher nothing; the results take its place.
 */
import { existsSync, readFileSync } from "node:fs";
import { writeFileAtomic } from "../io/atomic.js";
import type { MixtureState } from "../mixture/state.js";
import type { Figure } from "../plot/figure.js";
import { particleMontage } from "../plot/particle-montage.js";
import { viewingDirections } from "../plot/viewing-directions.js";
import { chosenRotations } from "./chosen-rotations.js";
import { classFindings, findingLines } from "./class-summary.js";

export interface RunPreview {
  /** Steps done when it was drawn. */
  readonly step: number;
  readonly pictures: readonly PreviewPicture[];
  /** What is wrong with the classes so far, one line each; pairs are compared at the end only. */
  readonly findings?: readonly string[];
}

export type PreviewPicture = Pick<Figure, "svg" | "text" | "width">;

/** Drawing takes this share of the time at most, and happens no more often than the shortest wait. */
const SHARE = 0.02;
const SHORTEST_WAIT_MS = 8000;

/** Draws when it is worth the time. Call after every step. */
export function createPreviewer(path: string): (state: MixtureState) => Promise<void> {
  let next = performance.now() + SHORTEST_WAIT_MS / 4; // the first look comes early
  return async (state) => {
    const begun = performance.now();
    if (begun < next) return;
    writeFileAtomic(path, JSON.stringify(await drawPreview(state)));
    const cost = performance.now() - begun;
    next = performance.now() + Math.max(SHORTEST_WAIT_MS, cost / SHARE);
  };
}

/** The latest preview, or undefined while there is none. */
export function readPreview(path: string): RunPreview | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as RunPreview) : undefined;
}

/** Central slices of the maps, and where the images of the fullest class were seen from. */
export async function drawPreview(state: MixtureState): Promise<RunPreview> {
  const volumes = await state.volumes();
  const { box, pixelSizeAngstrom } = volumes[0]!;
  const area = box * box;
  const images = new Float32Array(volumes.length * area);
  volumes.forEach(({ values }, k) => {
    images.set(values.subarray((box / 2) * area, (box / 2 + 1) * area), k * area);
  });
  const labels = volumes.map((_, k) => `class ${k + 1}`);
  const maps = particleMontage({ images, box, pixelSizeAngstrom, labels }, { title: "Maps so far, central slices" });
  const findings = findingLines(classFindings(state.assignments(), volumes, [], { pairs: false }));
  return { step: state.step, pictures: [maps, ...directions(state)].map(picture), findings };
}

function directions(state: MixtureState): Figure[] {
  const { classes, poses } = state.assignments();
  const sizes = Array.from(state.classWeights, (_, k) => classes.reduce((n, c) => n + (c === k ? 1 : 0), 0));
  const fullest = sizes.indexOf(Math.max(...sizes));
  const members = Array.from(classes.keys()).filter((i) => classes[i] === fullest);
  if (members.length === 0) return [];
  const title = `Viewing directions so far, class ${fullest + 1}`;
  return [viewingDirections(chosenRotations(poses.rotations, members), { title })];
}

function picture({ svg, text, width }: Figure): PreviewPicture {
  return { svg, text, width };
}
