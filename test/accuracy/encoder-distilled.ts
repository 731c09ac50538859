/** @file Parts of `npm run accuracy -- encoder` that have a teacher: the ribosplike mixture, and two conformations. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RADIANS_PER_DEGREE } from "../../src/core/constants.js";
import { seededRandom } from "../../src/core/random.js";
import type { Teacher } from "../../src/encoder/encoder-options.js";
import { teachersTable } from "../../src/encoder/imitation.js";
import { type InferOptions, inferImages } from "../../src/encoder/infer.js";
import { teachersVolumes } from "../../src/encoder/teachers-volumes.js";
import { trainEncoder } from "../../src/encoder/train-encoder.js";
import type { Encoder } from "../../src/encoder/trained-encoder.js";
import { geodesicRad, type Matrix3, multiply, rotationAt, rotationFromVector } from "../../src/geometry/rotation.js";
import { beadModel } from "../../src/imaging/bead-model.js";
import { type PreparedParticles, prepare } from "../../src/imaging/prepare.js";
import { openPrepared } from "../../src/imaging/prepared-reader.js";
import type { Exposure, ParticleModel, Truth } from "../../src/imaging/simulate.js";
import { confusionError } from "../../src/metrics/confusion-error.js";
import { median } from "../../src/metrics/quantile.js";
import { spearman } from "../../src/metrics/spearman.js";
import { searchPoses } from "../../src/pose/search-poses.js";
import { EXPOSURE, GRID, RIBOSPLIKE, ribosplike } from "../support/ribosplike.js";
import { hasSharedData } from "../support/shared-data.js";
import { modelledSource } from "../support/simulated-source.js";
import { tinyRecipe } from "../support/tiny-recipe.js";
import { truthAsTeacher } from "../support/tiny-teacher.js";

const VISITS = Number(process.env["VISITS"] ?? 600_000);
const THREADS = Number(process.env["IOLAUS_THREADS"] ?? 2);
const GATES = { agreement: 0.95, onePassDeg: 10, behindSearchDeg: 0.5, spearman: 0.85, confusion: 1e-3 };
const TEACHER_ERROR_DEG = 2.5;
const TEACHER_SHIFT_PIXELS = 0.3;
/** Of each species, to learn from and to be tested on. */
const TAUGHT = 1000;
const TESTED = 667;
const THREEFOLD = [0, 1, 2].map((j) => rotationFromVector([0, 0, (2 * Math.PI * j) / 3]));

export async function distilled(): Promise<boolean> {
  if (!hasSharedData) {
    console.log("skipped: ../shared/data is not there");
    return true;
  }
  return inFolder(async (folder) => {
    const known = await simulated(join(folder, "known"), ribosplike(), counted(EXPOSURE, TAUGHT, 11), GRID.box);
    const fresh = await simulated(join(folder, "new"), ribosplike(), counted(EXPOSURE, TESTED, 12), GRID.box);
    const { encoder, volumes } = await taught(known.set, offBy(known.truths), 1);
    const onePass = await inferred(fresh.set, encoder, {});
    const byVolumes = await inferred(fresh.set, encoder, { decoder: volumes });
    const refined = await inferred(fresh.set, encoder, { decoder: volumes, refine: "local" });
    const searched = await searchPoses(
      fresh.set,
      volumes.map(({ rest }) => rest),
      { threads: THREADS, resolutionAngstrom: (GRID.box * GRID.pixelSizeAngstrom) / volumes[0]!.rest.radius },
    );
    const full = errors(fresh.truths, searched.best, (i) => rotationAt(searched.poses.rotations, i));
    console.log(`full search: ${text(full)}`);
    const heads = report("one pass, likeliest head", fresh.truths, onePass);
    report("one pass, best of the likeliest heads by the volumes", fresh.truths, byVolumes);
    const after = report("after local refinement", fresh.truths, refined);
    const behind = after.overallDeg - full.overallDeg;
    console.log(`behind the full search: ${behind.toFixed(2)}°`);
    return (
      heads.agreement >= GATES.agreement &&
      heads.overallDeg <= GATES.onePassDeg &&
      behind <= GATES.behindSearchDeg &&
      Math.min(...after.correlations) >= GATES.spearman
    );
  });
}

/** The demo's claw, open or closed. */
export async function bimodal(): Promise<boolean> {
  const recipe = tinyRecipe(3, { box: 32, pixelSizeAngstrom: 9 });
  const model: ParticleModel = (_, z) => beadModel(recipe.species[0]!, z < 0 ? -1 : 1, recipe.beadSigmaAngstrom);
  const exposure = { ...recipe, snr: 1, seed: 21 };
  return inFolder(async (folder) => {
    const known = await simulated(join(folder, "known"), model, { ...exposure, counts: [2000] }, recipe.box);
    const fresh = await simulated(join(folder, "new"), model, { ...exposure, seed: 22, counts: [10_000] }, recipe.box);
    const states = known.truths.map((truth) => ({ ...truth, z: Math.sign(truth.z) }));
    const { encoder, volumes } = await taught(known.set, offBy(states), 1);
    let least = 1;
    for (const [name, options] of [
      ["one pass", {}],
      ["after local refinement", { decoder: volumes, refine: "local" }],
    ] as const) {
      const { z } = await inferred(fresh.set, encoder, options);
      const found = confusionError(
        z,
        fresh.truths.map((truth) => (truth.z < 0 ? 0 : 1)),
      );
      const [closed, open] = [0, 1].map((s) => `${found.means[s]!.toFixed(2)} ± ${found.deviations[s]!.toFixed(2)}`);
      console.log(`${name}: ${closed} and ${open}, threshold ${found.threshold.toFixed(2)}, confusion ${found.error}`);
      least = Math.min(least, found.error);
    }
    return least <= GATES.confusion;
  });
}

interface Known {
  readonly set: PreparedParticles;
  readonly truths: readonly Truth[];
}

async function simulated(file: string, model: ParticleModel, exposure: Exposure, box: number): Promise<Known> {
  const { source, truths } = modelledSource(file, exposure, model);
  return { set: await prepare(source, file, { box, dataSign: 1, threads: THREADS }), truths };
}

async function inFolder(work: (folder: string) => Promise<boolean>): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function counted(exposure: Omit<Exposure, "counts">, each: number, seed: number): Exposure {
  return { ...exposure, seed, counts: RIBOSPLIKE.map(() => each) };
}

/** The truth with rotations and shifts as a run leaves them. */
function offBy(truths: readonly Truth[]): Teacher {
  const random = seededRandom(9);
  // The length of three normal numbers has the median 1.54.
  const turn = (): number => (TEACHER_ERROR_DEG / 1.54) * RADIANS_PER_DEGREE * random.normal();
  const off = truths.map((truth) => ({
    ...truth,
    rotation: multiply(rotationFromVector([turn(), turn(), turn()]), truth.rotation) as Matrix3,
    shiftAngstrom: truth.shiftAngstrom.map(
      (s) => s + TEACHER_SHIFT_PIXELS * GRID.pixelSizeAngstrom * random.normal(),
    ) as unknown as readonly [number, number],
  }));
  return truthAsTeacher(off, 1 + Math.max(...truths.map(({ species }) => species)), 1);
}

/** Train; the volumes are those that the teacher's words give. */
async function taught(set: PreparedParticles, teacher: Teacher, zDim: number) {
  const start = performance.now();
  let encoder: Encoder | undefined;
  for await (const state of trainEncoder(set, undefined, {
    ...{ mode: "distilled", teacher, visits: VISITS, threads: THREADS },
  })) {
    encoder = state.encoder;
    if (Math.floor(state.fraction * 10) > Math.floor(((state.visits - 1600) / VISITS) * 10))
      console.log(
        `${state.visits} images, ${((performance.now() - start) / 1e3).toFixed(0)} s: loss ${state.loss.toFixed(3)}`,
      );
  }
  const reader = openPrepared(set);
  const classes = teacher.posterior.length / set.count;
  const periods = (14 * set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
  const volumes = teachersVolumes(reader, teachersTable(teacher, set.pixelSizeAngstrom, classes), {
    ...{ classes, zDim, radius: Math.min(set.box / 2 - 1, Math.floor(periods)) },
  });
  reader.close();
  return { encoder: encoder!, volumes };
}

interface Inferred {
  readonly classes: Int32Array;
  readonly matrices: Float64Array;
  readonly z: Float32Array;
  readonly perSecond: number;
}

async function inferred(set: PreparedParticles, encoder: Encoder, options: InferOptions): Promise<Inferred> {
  const classes = new Int32Array(set.count);
  const matrices = new Float64Array(9 * set.count);
  const z = new Float32Array(set.count);
  const start = performance.now();
  for await (const chunk of inferImages(set, encoder, { ...options, threads: THREADS })) {
    classes.set(chunk.classes, chunk.from);
    matrices.set(chunk.matrices, 9 * chunk.from);
    z.set(chunk.z, chunk.from);
  }
  return { classes, matrices, z, perSecond: (1e3 * set.count) / (performance.now() - start) };
}

interface Errors {
  readonly agreement: number;
  readonly overallDeg: number;
  /** Per species. */
  readonly degrees: readonly number[];
}

/** Rotation errors of the images whose species is right. */
function errors(truths: readonly Truth[], classes: ArrayLike<number>, rotation: (i: number) => Matrix3): Errors {
  const off = RIBOSPLIKE.map((): number[] => []);
  truths.forEach(({ species, rotation: true_ }, i) => {
    if (classes[i] !== species) return;
    const turns = RIBOSPLIKE[species] === "spike" ? THREEFOLD : THREEFOLD.slice(0, 1);
    const least = Math.min(...turns.map((turn) => geodesicRad(multiply(rotation(i), turn), true_)));
    off[species]!.push(least / RADIANS_PER_DEGREE);
  });
  const agreement = off.flat().length / truths.length;
  return { agreement, overallDeg: median(off.flat()), degrees: off.map((own) => median(own)) };
}

function report(name: string, truths: readonly Truth[], found: Inferred): Errors & { correlations: number[] } {
  const all = errors(
    truths,
    found.classes,
    (i) => Array.from(found.matrices.subarray(9 * i, 9 * i + 9)) as unknown as Matrix3,
  );
  const correlations = RIBOSPLIKE.map((_, s) => {
    const own = truths.flatMap(({ species }, i) => (species === s && found.classes[i] === s ? [i] : []));
    return Math.abs(
      spearman(
        own.map((i) => found.z[i]!),
        own.map((i) => truths[i]!.z),
      ),
    );
  });
  const z = correlations.map((c) => c.toFixed(2)).join(" ");
  console.log(`${name}: ${text(all)}, |rho| ${z}, ${found.perSecond.toFixed(0)} images/s`);
  return { ...all, correlations };
}

function text({ agreement, overallDeg, degrees }: Errors): string {
  const each = RIBOSPLIKE.map((name, s) => `${name} ${degrees[s]!.toFixed(1)}°`).join(", ");
  return `species ${agreement.toFixed(3)}, median error ${overallDeg.toFixed(2)}° (${each})`;
}
