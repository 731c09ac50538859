/**
 * @file Pose search: images per second of a global and of a local search, by stage, and against RELION.
 *
 * One reference, box 64, 4,608 rotations × 49 shifts, refined beyond 1° and 0.25 pixels. Correctness is checked before the
 * clock starts: the poses must be the true ones. Operations of the look-ups are counted as 60 per point.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/core/random.js";
import type { Volume } from "../../src/core/types.js";
import { compile } from "../../src/engine/compile.js";
import { geodesicRad, multiply, rotationFromVector } from "../../src/geometry/rotation.js";
import { type BeadModel, beadVolume } from "../../src/imaging/bead-model.js";
import type { FourierRaster } from "../../src/imaging/fourier-raster.js";
import { halfPlane, pointsWithin } from "../../src/imaging/half-plane.js";
import { type PreparedParticles, prepare } from "../../src/imaging/prepare.js";
import { openPrepared } from "../../src/imaging/prepared-reader.js";
import { defaultSearchPlan } from "../../src/pose/default-plan.js";
import type { SearchPlan } from "../../src/pose/plan.js";
import { POSE_STRIDE, rotationOfPose } from "../../src/pose/pose-row.js";
import { referenceRaster } from "../../src/pose/reference-raster.js";
import { createSearchPool } from "../../src/pose/search-pool.js";
import { searchPoses } from "../../src/pose/search-poses.js";
import { shiftGrid } from "../../src/pose/shift-grid.js";
import { type KnownParticle, knownParticles, noisySource } from "../support/known-particles.js";
import { hasRelionRefine, relionSearch } from "../support/relion-search.js";
import { squid } from "../support/squid.js";
import { median } from "./paired.js";

const GRID = { box: 64, pixelSizeAngstrom: 5 };
const COUNT = 256;
const RELION_IMAGES = 32;
const ROUNDS = 3;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  const threads = Math.min(2, availableParallelism());
  try {
    const model = squid();
    const particles = knownParticles(model, GRID, { count: COUNT, shiftPixels: 3.5, random: seededRandom(1) });
    const source = noisySource(particles, GRID, 0.3, 2);
    const set = await prepare(source, join(folder, "set.f32"), { diameterAngstrom: 210 });
    const map = beadVolume(model, GRID.box, GRID.pixelSizeAngstrom);
    const plan: SearchPlan = {
      ...defaultSearchPlan(set, { order: 2 }),
      candidates: 24,
      shiftRangePixels: 5.28,
      shiftStepPixels: 1.5,
      coarseRadius: 10,
      radius: 26,
    };
    const reader = openPrepared(set);
    const raster = await referenceRaster(reader, map, plan.radius);
    const shifts = shiftGrid(plan.shiftRangePixels, plan.shiftStepPixels).length / 2;
    const points = reader.points(plan.coarseRadius);
    reader.close();
    const peak = await peakGflops();
    console.log(
      `${threads} threads, 4,608 rotations × ${shifts} shifts, radius ${plan.coarseRadius} then ${plan.radius}; one thread's matrix products reach ${peak.toFixed(0)} GFLOP/s`,
    );
    const time = timer(set, particles, threads);

    const whole = await time([raster], plan, "global");
    const grid = await time([raster], { ...plan, levels: 0, climbs: 0, levelRadii: [plan.radius] }, "global", false);
    const halved = await time([raster], { ...plan, climbs: 0, radius: plan.levelRadii!.at(-1)! }, "global", false);
    const gflop = (2 * 4608 * shifts * points) / 1e9;
    const [first, second] = plan.levelRadii!.map((radius) => pointsWithin(halfPlane(GRID.box), radius));
    const lookups = 8 * plan.candidates! * first! + 8 * plan.keep * second!;
    line("global", whole, threads);
    stage("  grid: matrix products, best shifts", grid.cpu, gflop, peak);
    stage("  halvings", halved.cpu - grid.cpu, (60 * lookups) / 1e9, peak);
    console.log(
      `${"  climbs and spread".padEnd(36)}${(whole.cpu - halved.cpu).toFixed(2).padStart(8)} CPU-ms per image`,
    );
    const local = await time([raster], plan, "local");
    line("local, near given poses", local, threads);

    const four = [raster, raster, raster, raster];
    const [allFour, pruned] = [await time(four, plan, "local", false), await time(four, plan, "pruned", false)];
    console.log(
      `four references: local ${(allFour.cpu / local.cpu).toFixed(2)} times one, ${(pruned.cpu / local.cpu).toFixed(2)} times one where three are skipped`,
    );
    await prunedReferences(set, map, plan, threads);
    if (hasRelionRefine) await againstRelion(folder, threads, whole.clock, shifts);
    else console.log("without RELION: no ratio");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Kind = "global" | "local" | "pruned";
type Timer = (rasters: readonly FourierRaster[], plan: SearchPlan, kind: Kind, isChecked?: boolean) => Promise<Cost>;
interface Cost {
  /** Milliseconds per image. */
  readonly clock: number;
  /** The same, of all cores together. On an idle machine it is `clock` times the threads. */
  readonly cpu: number;
}

/** Milliseconds per image by the clock and of all cores, the medians of a few rounds; the poses are checked first unless the plan ends at the grid. */
function timer(set: PreparedParticles, particles: readonly KnownParticle[], threads: number): Timer {
  const images = Int32Array.from(particles, (_, i) => i);
  return async (rasters, plan, kind, isChecked = true) => {
    const pool = createSearchPool(set, threads);
    try {
      await pool.setReferences(rasters, plan);
      const previous = kind === "global" ? undefined : startsNear(particles, rasters.length, plan.keep, kind);
      const search = () => pool.search(images, seededRandom(1), previous);
      const { poses } = await search();
      if (isChecked) check(poses, particles, plan.keep);
      const costs: Cost[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const [start, used] = [performance.now(), process.cpuUsage()];
        await search();
        const { user, system } = process.cpuUsage(used);
        costs.push({
          clock: (performance.now() - start) / images.length,
          cpu: (user + system) / 1e3 / images.length,
        });
      }
      return { clock: median(costs.map((cost) => cost.clock)), cpu: median(costs.map((cost) => cost.cpu)) };
    } finally {
      await pool.dispose();
    }
  };
}

/** The true poses turned by 2.5° and moved by 0.4 pixels; for "pruned", under the first reference alone. */
function startsNear(particles: readonly KnownParticle[], references: number, keep: number, kind: Kind): Float64Array {
  const rows = new Float64Array(particles.length * references * keep * POSE_STRIDE).fill(-Infinity);
  const turn = rotationFromVector([0.03, -0.025, 0.02]);
  particles.forEach(({ rotation, shiftAngstrom }, i) => {
    for (let k = 0; k < references; k++) {
      const at = (i * references + k) * keep * POSE_STRIDE;
      const [x, y] = shiftAngstrom.map((v) => v / GRID.pixelSizeAngstrom) as [number, number];
      const score = kind === "pruned" && k > 0 ? Number.NaN : 0;
      rows.set([...multiply(turn, rotation).slice(0, 6), x + 0.3, y - 0.25, score], at);
    }
  });
  return rows;
}

function check(poses: Float64Array, particles: readonly KnownParticle[], keep: number): void {
  const errors = particles.map(({ rotation, shiftAngstrom }, i) => {
    const at = i * keep * POSE_STRIDE;
    const shift = Math.hypot(
      poses[at + 6]! - shiftAngstrom[0] / GRID.pixelSizeAngstrom,
      poses[at + 7]! - shiftAngstrom[1] / GRID.pixelSizeAngstrom,
    );
    return { degrees: (geodesicRad(rotationOfPose(poses, at), rotation) * 180) / Math.PI, shift };
  });
  const [degrees, shift] = [median(errors.map((e) => e.degrees)), median(errors.map((e) => e.shift))];
  if (!(degrees < 1 && shift < 0.25))
    throw new Error(`poses: ${degrees.toFixed(2)}° and ${shift.toFixed(2)} pixels off`);
}

function line(name: string, { clock, cpu }: Cost, threads: number): void {
  console.log(
    `${name.padEnd(36)}${cpu.toFixed(2).padStart(8)} CPU-ms per image, ${((1e3 * threads) / cpu).toFixed(0)} images/s on ${threads} idle cores; ` +
      `by the clock ${clock.toFixed(2)} ms, ${(1e3 / clock).toFixed(0)} images/s`,
  );
}

function stage(name: string, milliseconds: number, gflop: number, peak: number): void {
  const rate = (1e3 * gflop) / milliseconds;
  console.log(
    `${name.padEnd(36)}${milliseconds.toFixed(2).padStart(8)} CPU-ms per image, ${rate.toFixed(1)} GFLOP/s per core, ${((100 * rate) / peak).toFixed(0)} % of peak`,
  );
}

/** What one thread of the engine reaches with large matrix products. */
async function peakGflops(): Promise<number> {
  const side = 768;
  const program = await compile(
    ({ a, b }) => ({ c: a!.matMul(b!) }),
    { a: [side, side], b: [side, side] },
    { threads: 1 },
  );
  const [a, b] = [new Float32Array(side * side).fill(0.5), new Float32Array(side * side).fill(0.25)];
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    await program.run({ a, b });
    times.push(performance.now() - start);
  }
  await program.dispose();
  return (2 * side ** 3) / Math.min(...times) / 1e6;
}

/** `searchPoses` under four maps that differ, then near what it found: of the references only the likely ones. */
async function prunedReferences(set: PreparedParticles, map: Volume, plan: SearchPlan, threads: number): Promise<void> {
  const others = [1, 2, 3].map((seed) => beadVolume(shuffled(squid(), seed), GRID.box, GRID.pixelSizeAngstrom));
  const cost = async (references: readonly Volume[]): Promise<{ first: number; again: number; kept: number }> => {
    const used = (from: NodeJS.CpuUsage): number => {
      const { user, system } = process.cpuUsage(from);
      return (user + system) / 1e3 / set.count;
    };
    const [start, options] = [process.cpuUsage(), { plan, order: plan.order, threads }];
    const found = await searchPoses(set, references, options);
    const first = used(start);
    const middle = process.cpuUsage();
    const { evidence } = await searchPoses(set, references, { ...options, previous: found });
    return { first, again: used(middle), kept: evidence.filter(Number.isFinite).length / set.count };
  };
  const [one, four] = [await cost([map]), await cost([map, ...others])];
  console.log(
    `searchPoses, four maps, set-up included: everywhere ${(four.first / one.first).toFixed(2)} times one map; then near what was found, ` +
      `${four.kept.toFixed(2)} references per image left, ${(four.again / one.again).toFixed(2)} times one map`,
  );
}

/** The same beads, their weights drawn anew: another map of the same size. */
function shuffled(model: BeadModel, seed: number): BeadModel {
  const random = seededRandom(seed);
  return { ...model, weights: model.weights.map(() => 3 * random.uniform() ** 3) };
}

/** RELION at 15° over the same shifts on as many threads; two runs, so that its start is not counted. */
async function againstRelion(folder: string, threads: number, milliseconds: number, shifts: number): Promise<void> {
  const map = beadVolume(squid(), GRID.box, GRID.pixelSizeAngstrom);
  const [few, many] = [RELION_IMAGES / 4, RELION_IMAGES].map((count) => {
    const particles = knownParticles(squid(), GRID, { count, shiftPixels: 3.5, random: seededRandom(1) });
    const settings = {
      diameterAngstrom: 260,
      order: 2,
      shiftPixels: 5,
      shiftStepPixels: 1.3,
      resolutionAngstrom: 32,
      threads,
    };
    return relionSearch(noisySource(particles, GRID, 0.3, 2), map, {
      folder: join(folder, `relion-${count}`),
      ...settings,
    }).seconds;
  });
  const theirs = (1e3 * (many! - few!)) / (0.75 * RELION_IMAGES);
  console.log(
    `RELION, 15°, 49 shifts or so (ours: ${shifts}), same radius, no refinement: ${theirs.toFixed(0)} ms per image; ` +
      `ours, refined, is ${(theirs / milliseconds).toFixed(1)} times as fast`,
  );
}
