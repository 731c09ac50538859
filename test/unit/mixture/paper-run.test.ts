/** Truth: points whose poses and species are known, fields that equal their transforms, and the formulas of methods.md 2.4. */
import { afterAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { geodesicRad, multiply, randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import { rotationOfSix } from "../../../src/geometry/six-numbers.js";
import { learnBatch } from "../../../src/mixture/paper-learning.js";
import { closePaperTools, openPaperTools, type PaperRun, startPaperRun } from "../../../src/mixture/paper-run.js";
import { paperSchedule, paperSteps, searchEpochs } from "../../../src/mixture/paper-schedule.js";
import { paperPlan, searchPoseTables } from "../../../src/mixture/paper-search.js";
import { reconstructMixture } from "../../../src/mixture/reconstruct.js";
import type { MixtureCheckpoint, MixtureState, PaperMixtureOptions } from "../../../src/mixture/state.js";
import { fieldOfPoints } from "../../support/known-fields.js";
import { boot, hook, rowOfPoints } from "../../support/known-points.js";
import { writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const [box, N, K] = [16, 24, 2];
const bodies = [boot, hook];
const random = seededRandom(6);
const truths = Array.from({ length: N }, (_, i) => ({
  species: i % 2,
  rotation: randomRotation(random),
  shift: [random.normal() / 2, random.normal() / 2] as const,
}));
const rows = truths.map(({ species, rotation, shift }) =>
  rowOfPoints({ points: bodies[species]!, rotation, shift, scale: 1 }, box),
);
const noise = seededRandom(9);
for (const row of rows) for (let i = 0; i < row.length; i++) row[i]! += 0.3 * noise.normal();
const set = writePrepared(folder("set"), { box, pixelSizeAngstrom: 6, rows });
const all = Int32Array.from({ length: N }, (_, i) => i);

describe("the phases", () => {
  test.each([
    [3000, 100_000, 34],
    [15_000, 100_000, 7],
    [85_656, 2_000_000, 24],
    [100_000, 500_000, 6],
    [1_000_000, 500_000, 2],
  ])("of %i images and %i to search have %i epochs of search", (count, searchImages, epochs) => {
    expect(searchEpochs(paperSchedule({ searchImages }), count)).toBe(epochs);
  });

  test("visit 10,000 images blindly, then every image once an epoch, in steps that end with the epoch", () => {
    const schedule = paperSchedule({ searchImages: 1000, gradientEpochs: 3 });
    const steps = paperSteps(schedule, 700);
    const visits = (stage: string): number =>
      steps.filter((step) => step.stage === stage).reduce((sum, { from, to }) => sum + to - from, 0);
    expect([visits("pretrain"), visits("search"), visits("gradient")]).toEqual([10_000, 2 * 700, 3 * 700]);
    expect(steps.at(-1)).toMatchObject({ stage: "gradient", pass: 14 + 2 + 2, to: 700, batch: 64 });
    const searched = steps.filter((step) => step.searchTo > 0).map(({ from, searchTo }) => [from, searchTo]);
    expect(searched.slice(0, 3)).toEqual([
      [0, 256],
      [256, 512],
      [512, 700],
    ]);
    expect(searched.length).toBe(6);
  });
});

test("the search goes through the published radii, as far as the set holds them", () => {
  const at = (side: number): unknown => {
    const { coarseRadius, levelRadii, radius, keep } = paperPlan({ ...set, box: side }, [12, 32], 100);
    return { coarseRadius, levelRadii, radius, keep };
  };
  expect(at(128)).toEqual({ coarseRadius: 12, levelRadii: [17, 22, 27, 32], radius: 32, keep: 8 });
  expect(at(48)).toEqual({ coarseRadius: 12, levelRadii: [17, 22, 23, 23], radius: 23, keep: 8 });
});

/** A run whose fields are the true ones, and its programs. */
async function runAtTruth(paper: PaperMixtureOptions["paper"]): Promise<{
  readonly run: PaperRun;
  readonly tools: Awaited<ReturnType<typeof openPaperTools>>;
}> {
  const fields = bodies.map((points) => fieldOfPoints(points, 1));
  const { frequencies, width, depth } = fields[0]!.config;
  const field = { frequencies, width, depth };
  const run = startPaperRun(set, { schedule: "paper", classes: K, threads: 1, paper: { field, ...paper } });
  run.fields.forEach(({ weights }, k) => {
    for (const name in weights) weights[name]!.set(fields[k]!.weights[name]!);
  });
  run.tables.z.values.fill(0);
  const tools = await openPaperTools(run);
  open.push(tools);
  return { run, tools };
}
const open: Awaited<ReturnType<typeof openPaperTools>>[] = [];
afterAll(async () => {
  for (const tools of open) await closePaperTools(tools);
});

/** Of the poses of every image under its own species: rad, and pixels. */
function poseErrors({ tables }: PaperRun): { readonly turn: number; readonly shift: number } {
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(N / 2)]!;
  const slot = (i: number): number => i * K + truths[i]!.species;
  const turns = truths.map(({ rotation }, i) =>
    geodesicRad(rotationOfSix(tables.rotations.values, 6 * slot(i)), rotation),
  );
  const moves = truths.map(({ shift }, i) => {
    const at = 2 * slot(i);
    return Math.hypot(tables.shifts.values[at]! - shift[0], tables.shifts.values[at + 1]! - shift[1]);
  });
  return { turn: middle(turns), shift: middle(moves) };
}

test("the search finds every image's pose under its own class, and scores learn the class", async () => {
  const { run, tools } = await runAtTruth({ fieldRate: 0, zRate: 0, scoreRate: 0.1, sigma: 0.5 });
  await searchPoseTables(run, tools, all);
  const { turn, shift } = poseErrors(run);
  expect(turn).toBeLessThan(0.1); // the finest grid is 0.016 rad; rasters at this box smear
  expect(shift).toBeLessThan(0.15);
  for (let i = 0; i < 6; i++) await learnBatch(run, tools, all, "search");
  expect([...run.classes]).toEqual(truths.map((truth) => truth.species));
  expect(run.tables.rotations.steps).toBe(0);
});

test("the gradient phase lowers the loss and brings poses that were turned and moved back", async () => {
  const { run, tools } = await runAtTruth({ fieldRate: 1e-4, zRate: 0, poseRate: 5e-3, scoreRate: 0.1, sigma: 0.3 });
  const off = seededRandom(3);
  truths.forEach(({ rotation, shift }, i) => {
    for (let k = 0; k < K; k++) {
      const axis = [off.normal(), off.normal(), off.normal()] as const;
      const scale = 0.15 / Math.hypot(...axis);
      const turn = rotationFromVector([axis[0] * scale, axis[1] * scale, axis[2] * scale]);
      run.tables.rotations.values.set(multiply(turn, rotation).slice(0, 6), 6 * (i * K + k));
      run.tables.shifts.values.set([shift[0] + 0.3, shift[1] - 0.3], 2 * (i * K + k));
    }
  });
  const before = poseErrors(run);
  const losses: number[] = [];
  for (let i = 0; i < 120; i++) losses.push(await learnBatch(run, tools, all, "gradient"));
  const after = poseErrors(run);
  expect(before.turn).toBeCloseTo(0.15, 3);
  expect(after.turn).toBeLessThan(0.03);
  expect(after.shift).toBeLessThan(0.1);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
  expect([...run.classes]).toEqual(truths.map((truth) => truth.species));
});

test("rows that rest drift as under dense Adam: a batch of others moves an image's scores", async () => {
  const { run, tools } = await runAtTruth({ fieldRate: 0 });
  await learnBatch(run, tools, all.slice(0, 8), "search");
  const visited = run.tables.scores.values.slice(0, 2);
  await learnBatch(run, tools, all.slice(8, 16), "search");
  await learnBatch(run, tools, all.slice(0, 8), "search");
  // Step 1 moves by the rate; step 2, at rest, by 0.9·m̂/√v̂ of Adam: m = 0.09, v = 0.000999, corrected by t = 2.
  const rest = (0.9 * 0.1) / (1 - 0.9 ** 2) / Math.sqrt((0.999 * 0.001) / (1 - 0.999 ** 2));
  const sign = Math.sign(visited[0]!);
  expect(visited[0]! / sign).toBeCloseTo(0.01, 4);
  // Step 3 in the same direction: m = 0.081 + 0.1, v = 0.000998 + 0.001, t = 3.
  const third = (0.081 + 0.1) / (1 - 0.9 ** 3) / Math.sqrt((0.999 ** 2 * 0.001 + 0.001) / (1 - 0.999 ** 3));
  expect(run.tables.scores.values[0]! / sign).toBeCloseTo(0.01 * (1 + rest + third), 4);
});

describe("a run", () => {
  const given: PaperMixtureOptions = {
    schedule: "paper",
    classes: 2,
    zDim: 1,
    seed: 5,
    threads: 1,
    paper: {
      field: { frequencies: 6, width: 8, depth: 1 },
      pretrainImages: 30,
      pretrainBatch: 8,
      searchImages: 20,
      searchBatch: 8,
      searchEvery: 16,
      gradientEpochs: 2,
      gradientBatch: 10,
      pointsPerImage: 40,
      fieldRate: 1e-3,
    },
  };
  const numbersOf = (state: MixtureState): unknown => {
    const { poses, ...assigned } = state.assignments();
    const { meta, arrays } = state.checkpoint();
    return { ...assigned, poses, meta, arrays, weights: state.classWeights, evidence: state.logEvidence };
  };

  test("goes through the phases, and resumed from any step ends with the same numbers", async () => {
    const saved: MixtureCheckpoint[] = [];
    const stages: string[] = [];
    let end: unknown;
    for await (const state of reconstructMixture(set, given)) {
      const { meta, arrays } = state.checkpoint();
      saved.push({ meta: JSON.parse(JSON.stringify(meta)), arrays: structuredClone(arrays) });
      stages.push(state.settings.stage);
      expect(state.step).toBe(stages.length);
      expect(Number.isFinite(state.logEvidence)).toBe(true);
      if (state.fraction < 1) continue;
      end = numbersOf(state);
      const maps = await state.volumes();
      expect(maps.map((map) => map.values.some((v) => v !== 0))).toEqual([true, true]);
    }
    expect([...new Set(stages)]).toEqual(["pretrain", "search", "gradient"]);
    for (const from of [0, stages.indexOf("search"), stages.lastIndexOf("search"), stages.length - 2]) {
      let last: MixtureState | undefined;
      let resumed: unknown;
      for await (const state of reconstructMixture(set, given, saved[from]!)) {
        last = state;
        if (state.fraction === 1) resumed = numbersOf(state);
      }
      expect(last!.step, `from step ${from + 1}`).toBe(stages.length);
      expect(resumed).toEqual(end);
    }
  });

  test("is not resumed with other options", async () => {
    const [first] = [await reconstructMixture(set, given).next()];
    const checkpoint = first!.value!.checkpoint();
    const other = { ...given, paper: { ...given.paper, sigma: 0.5 } };
    await expect(reconstructMixture(set, other, checkpoint).next()).rejects.toThrow("a checkpoint with paper");
    await expect(reconstructMixture(set, { ...given, seed: 6 }, checkpoint).next()).rejects.toThrow(
      "resume: expected a checkpoint with seed 6, got 5",
    );
  });

  test("refuses what makes no sense", async () => {
    const start = (paper: PaperMixtureOptions["paper"]) => () =>
      startPaperRun(set, { schedule: "paper", paper: paper! });
    expect(start({ sigma: 0 })).toThrow("paper.sigma: expected a positive number, got 0");
    expect(start({ searchBatch: 0 })).toThrow("paper.searchBatch: expected a positive integer, got 0");
  });
});
