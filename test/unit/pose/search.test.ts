import { afterAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { hopfGrid } from "../../../src/geometry/hopf-grid.js";
import { geodesicRad, multiply, randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { openPrepared, type PreparedReader } from "../../../src/imaging/prepared-reader.js";
import type { SearchPlan } from "../../../src/pose/plan.js";
import { POSE_STRIDE, rotationOfPose } from "../../../src/pose/pose-row.js";
import { createPoseSearch, type SearchResult } from "../../../src/pose/search.js";
import { shiftGrid } from "../../../src/pose/shift-grid.js";
import { crab } from "../../support/known-beads.js";
import { type KnownImage, knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { everyPoseScorer, scoreEveryPose } from "../../support/slow-pose-search.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const DEGREE = Math.PI / 180;
const folder = temporaryFolder();
const grid = { box: 24, pixelSizeAngstrom: 8 };
const SCALE = 5; // strength of the signal: about as much as the noise at low frequency

const model = beadModel(crab, 0, 8);
const rasterOf = (beads: typeof model) =>
  rasterFromVolume(beadVolume({ ...beads, weights: beads.weights.map((w) => SCALE * w) }, 24, 8), 10);
const raster = rasterOf(model);
const other = rasterOf(beadModel({ ...crab, seed: 8, domains: crab.domains.slice(0, 2) }, 0, 8));

const random = seededRandom(3);
const truths: KnownImage[] = Array.from({ length: 100 }, (_, i) => ({
  model,
  rotation: randomRotation(random),
  shiftAngstrom: [24 * (random.uniform() - 0.5), 24 * (random.uniform() - 0.5)],
  contrast: titan(12000 + 130 * i),
}));
const contrast = truths.map((truth) => truth.contrast!);
const open = (name: string, noise?: typeof random): PreparedReader => {
  const rows = truths.map((truth) => knownRow(truth, grid, SCALE, noise));
  return openPrepared(writePrepared(folder(name), { ...grid, rows, contrast }));
};
const clean = open("clean");
const noisy = open("noisy", random);
afterAll(() => {
  clean.close();
  noisy.close();
});

/** The grid alone, scored as the oracle does. */
const plan: SearchPlan = {
  order: 1,
  coarseRadius: 7,
  radius: 7,
  shiftRangePixels: 1.5,
  shiftStepPixels: 1,
  levels: 0,
  localLevels: 4,
  localSpacingRad: 6 * DEGREE,
  keep: 4,
  temperature: 0,
};
const rotations = hopfGrid(plan.order);
const shifts = shiftGrid(plan.shiftRangePixels, plan.shiftStepPixels);
const all = Int32Array.from(truths, (_, i) => i);

async function searchWith(
  reader: PreparedReader,
  change: Partial<SearchPlan>,
  images = all,
  previous?: Float64Array,
  references = [raster],
): Promise<SearchResult & { best(image: number, reference?: number): Float64Array }> {
  const search = createPoseSearch(reader);
  const used = { ...plan, ...change };
  await search.setReferences(references, used);
  const found = await search.search(images, seededRandom(1), previous);
  await search.dispose();
  const rows = (image: number, reference: number): Float64Array[] =>
    Array.from({ length: used.keep }, (_, slot) => {
      const at = ((image * references.length + reference) * used.keep + slot) * POSE_STRIDE;
      return found.poses.subarray(at, at + POSE_STRIDE);
    });
  const best = (image: number, reference = 0): Float64Array =>
    rows(image, reference).reduce((a, b) => (b[8]! > a[8]! ? b : a));
  return { ...found, best };
}

const rotationErrorDeg = (pose: Float64Array, i: number): number =>
  geodesicRad(rotationOfPose(pose, 0), truths[i]!.rotation) / DEGREE;
const shiftErrorPixels = (pose: Float64Array, i: number): number =>
  Math.hypot(pose[6]! - truths[i]!.shiftAngstrom[0] / 8, pose[7]! - truths[i]!.shiftAngstrom[1] / 8);
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const median = (values: Iterable<number>): number => {
  const order = sorted(values);
  return order[order.length >> 1]!;
};

describe("a search of the grid alone", () => {
  test.each([
    ["without noise", undefined],
    ["with noise", seededRandom(12)],
  ])("finds what the plain search of every rotation and shift finds, in 500 images %s", async (_, noise) => {
    const many = Array.from({ length: 500 }, (_, i) => ({
      model,
      rotation: randomRotation(random),
      shiftAngstrom: [24 * (random.uniform() - 0.5), 24 * (random.uniform() - 0.5)] as const,
      contrast: titan(12000 + 20 * i),
    }));
    const rows = many.map((truth) => knownRow(truth, grid, SCALE, noise));
    const reader = openPrepared(
      writePrepared(folder("many"), { ...grid, rows, contrast: many.map((truth) => truth.contrast) }),
    );
    const found = await searchWith(
      reader,
      {},
      Int32Array.from(many, (_, i) => i),
    );
    const scoresOf = everyPoseScorer(reader, raster, rotations, shifts, 7);
    let same = 0;
    for (let i = 0; i < many.length; i++) {
      const scores = scoresOf(i);
      const top = scores.reduce((best, score, at) => (score > scores[best]! ? at : best), 0);
      const [r, t] = [Math.floor(top / (shifts.length / 2)), top % (shifts.length / 2)];
      const want = [...rotations.matrices.subarray(9 * r, 9 * r + 6), ...shifts.subarray(2 * t, 2 * t + 2)];
      const pose = found.best(i);
      expect(Math.abs(pose[8]! / scores[top]! - 1)).toBeLessThan(5e-5); // float32 sums
      expect(found.evidence[i]).toBe(pose[8]);
      if (want.every((v, j) => Math.abs(v - pose[j]!) < 1e-12)) same++;
    }
    reader.close();
    // A tie within float32 rounding may fall either way; none does with these seeds.
    expect(same).toBe(500);
  });

  test("keeps the best few rotations, each with its best shift and true score", async () => {
    const { poses } = await searchWith(noisy, {}, Int32Array.of(7));
    const scores = scoreEveryPose(noisy, 7, raster, rotations, shifts, 7);
    const perRotation = Array.from({ length: rotations.count }, (_, r) =>
      Math.max(...scores.subarray((r * shifts.length) / 2, ((r + 1) * shifts.length) / 2)),
    );
    const want = sorted(perRotation).slice(-4);
    const found = sorted([8, 17, 26, 35].map((at) => poses[at]!));
    found.forEach((score, i) => {
      expect(score / want[i]!).toBeCloseTo(1, 4);
    });
  });

  test("does not depend on the company of an image, nor on the random numbers, at temperature 0", async () => {
    const together = await searchWith(noisy, {}, all.slice(0, 10));
    const apart = await searchWith(noisy, {}, Int32Array.of(9, 3));
    expect(apart.poses.subarray(0, 36)).toEqual(together.poses.subarray(9 * 36, 10 * 36));
    expect(apart.poses.subarray(36)).toEqual(together.poses.subarray(3 * 36, 4 * 36));
    const search = createPoseSearch(noisy);
    await search.setReferences([raster], { ...plan, levels: 2 });
    const first = await search.search(all.slice(0, 5), seededRandom(5));
    const second = await search.search(all.slice(0, 5), seededRandom(6));
    await search.dispose();
    expect(second).toEqual(first);
  });
});

describe("the descent", () => {
  test("closes in on the true pose: every halving raises the scores and lowers the errors", async () => {
    const runs = [];
    for (const levels of [0, 1, 2, 3, 4]) {
      const { best } = await searchWith(clean, { levels, order: 2 }, all.slice(0, 60));
      runs.push({
        scores: Array.from({ length: 60 }, (_, i) => best(i)[8]!),
        rotation: median(Array.from({ length: 60 }, (_, i) => rotationErrorDeg(best(i), i))),
        shift: median(Array.from({ length: 60 }, (_, i) => shiftErrorPixels(best(i), i))),
      });
    }
    for (let level = 1; level < runs.length; level++) {
      const [before, after] = [runs[level - 1]!, runs[level]!];
      // Children replace their parent, so that single scores may fall a little where the parent stood just right.
      const raised = after.scores.filter((score, i) => score >= before.scores[i]!).length;
      expect(raised).toBeGreaterThan(48);
      for (const [i, score] of after.scores.entries()) expect(score).toBeGreaterThan(0.85 * before.scores[i]!);
      expect(after.rotation).toBeLessThan(0.75 * before.rotation);
      expect(after.shift).toBeLessThan(before.shift);
    }
    expect(runs[4]!.rotation).toBeLessThan(1);
    expect(runs[4]!.shift).toBeLessThan(0.06);
  });

  test("uses the full radius: finer detail than the matrix product saw decides", async () => {
    const [coarse, fine] = await Promise.all(
      [5, 9].map(async (radius) => {
        const { best } = await searchWith(clean, { levels: 4, coarseRadius: 5, radius }, all.slice(0, 40));
        return median(Array.from({ length: 40 }, (_, i) => rotationErrorDeg(best(i), i)));
      }),
    );
    expect(fine).toBeLessThan(coarse!);
  });

  test("scores its poses exactly", async () => {
    const { best } = await searchWith(noisy, { levels: 3 }, all.slice(0, 10));
    for (let i = 0; i < 10; i++) {
      const pose = best(i);
      const own = { kind: "rotations", count: 1, matrices: Float64Array.from(rotationOfPose(pose, 0)) } as const;
      const [score] = scoreEveryPose(noisy, i, raster, own, pose.slice(6, 8), 7);
      expect(pose[8]! / score!).toBeCloseTo(1, 4);
    }
  });
});

/** Poses turned by `angleDeg` about a random axis and moved by `pixels`, in the first of four slots. */
function perturbed(angleDeg: number, pixels: number): Float64Array {
  const previous = new Float64Array(all.length * 4 * POSE_STRIDE).fill(-Infinity);
  const own = seededRandom(9);
  truths.forEach(({ rotation, shiftAngstrom }, i) => {
    const v = [own.normal(), own.normal(), own.normal()];
    const axis = v.map((c) => (c * angleDeg * DEGREE) / Math.hypot(...v)) as [number, number, number];
    const turned = multiply(rotationFromVector(axis), rotation);
    const direction = 2 * Math.PI * own.uniform();
    const [x, y] = [shiftAngstrom[0] / 8, shiftAngstrom[1] / 8];
    const shift = [x + pixels * Math.cos(direction), y + pixels * Math.sin(direction)];
    previous.set([...turned.slice(0, 6), ...shift, 0], i * 4 * POSE_STRIDE);
  });
  return previous;
}

describe("a local search", () => {
  test("recovers a pose that is 7° and ⅓ pixel off", async () => {
    const { best } = await searchWith(clean, {}, all, perturbed(7, 0.33));
    expect(median(all.map((i) => rotationErrorDeg(best(i), i)))).toBeLessThan(1.2);
    expect(Math.max(...all.map((i) => rotationErrorDeg(best(i), i)))).toBeLessThan(6);
    expect(median(all.map((i) => shiftErrorPixels(best(i), i)))).toBeLessThan(0.12);
  });

  test("stays near its start: it cannot find a pose on the other side", async () => {
    const { best } = await searchWith(clean, {}, all.slice(0, 20), perturbed(90, 0));
    // At most √3 · 12° on the first lattice and √3 · (3 + 1.5 + 0.75)° on the later ones.
    for (let i = 0; i < 20; i++) expect(rotationErrorDeg(best(i), i)).toBeGreaterThan(60);
  });

  test("of one level never scores lower than its start", async () => {
    const start = perturbed(0, 0);
    const { evidence } = await searchWith(noisy, { localLevels: 1 }, all, start);
    for (const i of all) {
      const pose = start.slice(i * 36, i * 36 + 9);
      const own = { kind: "rotations", count: 1, matrices: Float64Array.from(rotationOfPose(pose, 0)) } as const;
      const [score] = scoreEveryPose(noisy, i, raster, own, pose.slice(6, 8), 7);
      expect(evidence[i]!).toBeGreaterThanOrEqual(score! - 1e-4 * Math.abs(score!));
    }
  });

  test("is asked for image by image and reference by reference; NaN skips, −Infinity searches everywhere", async () => {
    const images = Int32Array.of(4, 5, 6);
    const stride = 4 * POSE_STRIDE;
    const previous = new Float64Array(3 * 2 * stride).fill(-Infinity);
    const starts = perturbed(4, 0.2);
    previous.set(starts.subarray(4 * stride, 5 * stride), 0); // image 4, first reference: local
    previous[stride + 8] = Number.NaN; // image 4, second reference: nothing
    previous[2 * stride + 8] = Number.NaN; // image 5, first reference: nothing
    const mixed = await searchWith(noisy, { levels: 1 }, images, previous, [raster, other]);
    const everywhere = await searchWith(noisy, { levels: 1 }, images, undefined, [raster, other]);
    const local = await searchWith(noisy, { levels: 1 }, Int32Array.of(4), starts.slice(4 * stride, 5 * stride));
    const slot = (found: SearchResult, at: number): Float64Array =>
      found.poses.subarray(at * stride, (at + 1) * stride);
    expect(slot(mixed, 0)).toEqual(slot(local, 0));
    for (const skipped of [1, 2]) {
      expect(mixed.evidence[skipped]).toBe(-Infinity);
      expect(slot(mixed, skipped).every((v) => v === -Infinity)).toBe(true);
    }
    for (const free of [3, 4, 5]) {
      expect(mixed.evidence[free]).toBe(everywhere.evidence[free]);
      expect(slot(mixed, free)).toEqual(slot(everywhere, free));
    }
  });
});

describe("several references", () => {
  test("give each its own evidence, and the true one wins", async () => {
    const { evidence } = await searchWith(noisy, { levels: 2 }, all, undefined, [other, raster]);
    const alone = await searchWith(noisy, { levels: 2 }, all);
    let won = 0;
    for (const i of all) {
      expect(evidence[2 * i + 1]).toBe(alone.evidence[i]);
      if (evidence[2 * i + 1]! > evidence[2 * i]!) won++;
    }
    expect(won).toBeGreaterThan(90);
  });

  test("may change between batches, and their number and the plan with them", async () => {
    const search = createPoseSearch(noisy);
    await search.setReferences([other, raster], plan);
    await search.search(all.slice(0, 4), seededRandom(1));
    await search.setReferences([raster], plan);
    const second = await search.search(all.slice(0, 4), seededRandom(1));
    await search.setReferences([raster], { ...plan, order: 0, coarseRadius: 5 });
    const third = await search.search(all.slice(0, 4), seededRandom(1));
    await search.dispose();
    expect(second.evidence).toEqual((await searchWith(noisy, {}, all.slice(0, 4))).evidence);
    expect(third.evidence).toEqual((await searchWith(noisy, { order: 0, coarseRadius: 5 }, all.slice(0, 4))).evidence);
  });
});

describe("at a temperature T", () => {
  const temperature = 6;

  test("rotations are drawn with probability ∝ exp(score/T)", async () => {
    const draws = 3000;
    const found = await searchWith(noisy, { temperature, keep: 1 }, new Int32Array(draws).fill(11));
    const scores = scoreEveryPose(noisy, 11, raster, rotations, shifts, 7);
    const perRotation = Array.from({ length: rotations.count }, (_, r) =>
      Math.max(...scores.subarray((r * shifts.length) / 2, ((r + 1) * shifts.length) / 2)),
    );
    const top = Math.max(...perRotation);
    const weights = perRotation.map((score) => Math.exp((score - top) / temperature));
    const total = weights.reduce((a, b) => a + b, 0);
    const counts = new Float64Array(rotations.count);
    for (let i = 0; i < draws; i++) {
      const own = found.poses[9 * i + 8]!;
      const r = perRotation.findIndex(
        (score, at) => Math.abs(score - own) < 1e-4 * top && found.poses[9 * i] === rotations.matrices[9 * at],
      );
      counts[r]! += 1;
    }
    // Pearson's χ² over rotations expected ten times at least, the others as one.
    let [chi, cells, restCount, restExpected] = [0, 0, 0, 0];
    weights.forEach((weight, r) => {
      const expected = (draws * weight) / total;
      if (expected < 10) {
        restCount += counts[r]!;
        restExpected += expected;
      } else {
        chi += (counts[r]! - expected) ** 2 / expected;
        cells++;
      }
    });
    chi += (restCount - restExpected) ** 2 / Math.max(10, restExpected);
    expect(cells).toBeGreaterThan(10);
    expect(chi).toBeLessThan(cells + 4 * Math.sqrt(2 * cells)); // mean and four deviations of χ²
  });

  test("evidence is T log Σ exp(score/T) of the poses kept", async () => {
    const { poses, evidence } = await searchWith(noisy, { temperature, levels: 1 }, all.slice(0, 10));
    for (let i = 0; i < 10; i++) {
      const scores = [8, 17, 26, 35].map((at) => poses[36 * i + at]!);
      const sum = scores.reduce((total, score) => total + Math.exp(score / temperature), 0);
      expect(evidence[i]).toBeCloseTo(temperature * Math.log(sum), 6);
    }
  });

  test("a small T is as good as none", async () => {
    const cold = await searchWith(noisy, { temperature: 1e-6, keep: 1 }, all.slice(0, 20));
    const zero = await searchWith(noisy, { temperature: 0, keep: 1 }, all.slice(0, 20));
    expect(cold.poses).toEqual(zero.poses);
  });
});

describe("a search is refused", () => {
  test("before it has references, and without any", async () => {
    const search = createPoseSearch(clean);
    await expect(search.search(all, seededRandom(1))).rejects.toThrow("search: expected references set before");
    await expect(search.setReferences([], plan)).rejects.toThrow("references: expected at least one, got 0");
  });

  test("when a raster does not reach the radius", async () => {
    const search = createPoseSearch(clean);
    await expect(search.setReferences([raster], { ...plan, radius: 11 })).rejects.toThrow(
      "raster.radius: expected at least 11, got 10",
    );
  });
});
