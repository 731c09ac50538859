/**
 * @file Whether particles are what their file says: pixels, CTF, contrast, pixel size and, where there are poses, whether
 * these belong to the images. Looks at up to `images` particles; opens nothing for writing but a temporary folder.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { ParticleSource, Poses, Rotations } from "../core/types.js";
import type { ContrastSign } from "../imaging/contrast-sign.js";
import { type ImageCensus, imageCensus } from "../imaging/image-census.js";
import { particleSubset } from "../imaging/particle-subset.js";
import { type PreparedParticles, prepare } from "../imaging/prepare.js";
import { openMrcStack } from "../io/mrc-stack.js";
import type { Particles } from "../io/particles.js";
import { readPoses } from "../io/star-poses.js";
import { checkPoses, type PoseCheck } from "../metrics/pose-check.js";
import { dataFindings, type Finding } from "./data-findings.js";

export interface CheckDataOptions {
  /** Look at so many particles, drawn evenly. @default 2000 */
  readonly images?: number;
  /** Diameter of the circle that holds the particle. @default 70 % of the image */
  readonly diameterAngstrom?: number;
  /** Poses to judge. @default those in the file */
  readonly poses?: Poses;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface DataCheck {
  readonly kind: "data-check";
  readonly path: string;
  /** In the file. */
  readonly count: number;
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Indices of the particles that were looked at, into the file. */
  readonly rows: Int32Array;
  /** Indices in it are into the file. */
  readonly census: ImageCensus;
  /** Float64[looked at], Å; null without CTF. */
  readonly defocusAngstrom: Float64Array | null;
  readonly contrastSign: ContrastSign;
  /** Float32[shells of the working box]: signal power over noise power. */
  readonly snr: Float32Array;
  /** Undefined without poses. */
  readonly poses?: PoseCheck;
  /** Faults first, then what is worth knowing, then what is right. */
  readonly findings: readonly Finding[];
}

/** Side of the working images: pose faults show at low resolution, and powers of two are quick. */
const WORKING_BOX = 32;

/** Check particles as they were opened. */
export async function checkData(particles: Particles, options: CheckDataOptions = {}): Promise<DataCheck> {
  const { images = 2000, onProgress, signal } = options;
  check(Number.isInteger(images) && images >= 1, "images", "a positive integer", images);
  const { path, count, box, pixelSizeAngstrom, hasCtf } = particles;
  const diameterAngstrom = options.diameterAngstrom ?? 0.7 * box * pixelSizeAngstrom;
  const rows = evenly(count, images);
  const looked = particleSubset(particles, rows);
  const hooks = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  const census = inFile(imageCensus(looked, { diameterAngstrom, ...hooks }), rows);
  const unfit = new Set([...census.notFinite, ...census.constant]);
  const fit = rows.filter((row) => !unfit.has(row));
  check(fit.length > 0, path, "at least one image with finite pixels that vary", "none");
  const folder = mkdtempSync(join(tmpdir(), "iolaus-check-"));
  try {
    const set = await prepare(particleSubset(particles, fit), join(folder, "set.f32"), {
      ...{ box: workingBox(particles), dataSign: 1, diameterAngstrom, ...hooks },
    });
    const given = options.poses ?? readPoses(particles);
    const poses = given === undefined ? undefined : posesOf(set, given, fit);
    const defocusAngstrom = hasCtf
      ? Float64Array.from(rows, (row) => {
          const { uAngstrom, vAngstrom } = particles.defocus(row);
          return (uAngstrom + vAngstrom) / 2;
        })
      : null;
    const { contrastSign, snr } = set;
    const facts = { path, count, box, pixelSizeAngstrom, rows, census, defocusAngstrom, contrastSign, snr };
    const findings = dataFindings({ ...facts, headerSizes: headerSizes(particles), ...(poses && { poses }) });
    return { kind: "data-check", ...facts, findings, ...(poses && { poses }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function evenly(count: number, images: number): Int32Array {
  return shuffledIndices(count, seededRandom(0)).slice(0, images).sort();
}

function workingBox({ box }: ParticleSource): number {
  return Math.min(WORKING_BOX, box - (box % 2));
}

/** The census of a subset, in indices of the file. */
function inFile(census: ImageCensus, rows: Int32Array): ImageCensus {
  const at = (indices: readonly number[]): number[] => indices.map((i) => rows[i]!);
  const { notFinite, constant, duplicates } = census;
  return { ...census, notFinite: at(notFinite), constant: at(constant), duplicates: duplicates.map(at) };
}

function posesOf(set: PreparedParticles, poses: Poses, rows: Int32Array): PoseCheck {
  const matrices = new Float64Array(9 * rows.length);
  const shiftsAngstrom = new Float64Array(2 * rows.length);
  rows.forEach((row, i) => {
    matrices.set(poses.rotations.matrices.subarray(9 * row, 9 * row + 9), 9 * i);
    shiftsAngstrom.set(poses.shiftsAngstrom.subarray(2 * row, 2 * row + 2), 2 * i);
  });
  const rotations: Rotations = { kind: "rotations", count: rows.length, matrices };
  return checkPoses(set, { rotations, shiftsAngstrom });
}

/** Pixel sizes in the headers of the stacks, of the first few; 0 and 1 mean nothing. */
function headerSizes({ files = [] }: ParticleSource): readonly number[] {
  return files.slice(0, 20).flatMap((file) => {
    const stack = openMrcStack(file);
    const size = stack.pixelSizeAngstrom;
    stack.close();
    return size === null || size === 1 ? [] : [size];
  });
}
