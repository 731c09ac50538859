import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { geodesicRad, multiply, randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { openPrepared, type PreparedReader } from "../../../src/imaging/prepared-reader.js";
import { createClimber } from "../../../src/pose/climb.js";
import { emptyImage, loadImageInto } from "../../../src/pose/loaded-image.js";
import { emptyNormalEquations, normalEquationsInto } from "../../../src/pose/normal-equations.js";
import { placeRaster } from "../../../src/pose/placed-raster.js";
import { rotationOfPose } from "../../../src/pose/pose-row.js";
import { createSlicer } from "../../../src/pose/slicer.js";
import { crab } from "../../support/known-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { scoreEveryPose } from "../../support/slow-pose-search.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const grid = { box: 32, pixelSizeAngstrom: 6 };
const SCALE = 20;
const model = beadModel(crab, 0, 6);
const random = seededRandom(6);
const truths = Array.from({ length: 40 }, () => ({
  model,
  rotation: randomRotation(random),
  shiftAngstrom: [20 * (random.uniform() - 0.5), 20 * (random.uniform() - 0.5)] as [number, number],
  contrast: titan(15000),
}));
const rows = truths.map((truth) => knownRow(truth, grid, SCALE, random));
const contrast = truths.map((truth) => truth.contrast);
const reader = openPrepared(writePrepared(temporaryFolder()("set"), { ...grid, rows, contrast }));
const { plane } = reader;
// Three times finer than the images: trilinear cells would show in derivatives otherwise.
const raster = rasterFromVolume(beadVolume({ ...model, weights: model.weights.map((w) => SCALE * w) }, 32, 6), 13, 3);
const points = reader.points(12);
const slicer = createSlicer(placeRaster(raster, points, 1), plane, 0);
const climber = createClimber(plane.box);

function take(from: PreparedReader, index: number): void {
  const image = emptyImage(points);
  loadImageInto(image, from, index);
  slicer.setImage(image);
}

function poseRow(i: number, turn: readonly [number, number, number] = [0, 0, 0], dx = 0, dy = 0): Float64Array {
  const { rotation, shiftAngstrom } = truths[i]!;
  const r = multiply(rotationFromVector(turn), rotation);
  return Float64Array.from([...r.slice(0, 6), shiftAngstrom[0] / 6 + dx, shiftAngstrom[1] / 6 + dy, 0]);
}

const scoreOf = (i: number, row: Float64Array): number =>
  scoreEveryPose(
    reader,
    i,
    raster,
    { kind: "rotations", count: 1, matrices: Float64Array.from(rotationOfPose(row, 0)) },
    row.slice(6, 8),
    12,
  )[0]!;

describe("the normal equations", () => {
  test("hold the score, its gradient along turns and shifts, and the curvature of the model", () => {
    take(reader, 3);
    const row = poseRow(3, [0.03, -0.02, 0.04], 0.2, -0.1);
    const at = (turn: readonly [number, number, number], shift: readonly [number, number]): number =>
      climber.scoreAt(slicer, points, row, turn, shift);
    expect(at([0, 0, 0], [0, 0]) / scoreOf(3, row)).toBeCloseTo(1, 5);
    // Without shift in the row, y is C·x itself.
    const centred = Float64Array.from(row);
    centred[6] = 0;
    centred[7] = 0;
    const equations = emptyNormalEquations();
    slicer.centre(points, 0, 0);
    normalEquationsInto(equations, slicer, plane.box, points, centred, 0);
    expect(equations.score / scoreOf(3, centred)).toBeCloseTo(1, 5);
    const h = 1e-3;
    for (let j = 0; j < 5; j++) {
      const moved = (sign: number): number => {
        const step = [0, 0, 0, 0, 0];
        step[j] = sign * h;
        const [x, y, z, u, v] = step as [number, number, number, number, number];
        return climber.scoreAt(slicer, points, centred, [x, y, z], [u, v]);
      };
      const slope = (moved(1) - moved(-1)) / (2 * h);
      const scale = Math.sqrt(equations.precision[6 * j]!);
      expect(Math.abs(equations.gradient[j]! - slope) / scale).toBeLessThan(0.15);
    }
  });

  test("have the precision of the score's fall from the top of an image without noise", () => {
    const clean = openPrepared(
      writePrepared(temporaryFolder()("clean"), {
        ...grid,
        rows: [knownRow(truths[0]!, grid, SCALE)],
        contrast: [contrast[0]!],
      }),
    );
    take(clean, 0);
    clean.close();
    const row = poseRow(0);
    const precision = climber.climb(slicer, points, row, 0).slice();
    const top = climber.scoreAt(slicer, points, row, [0, 0, 0], [0, 0]);
    const directions = [
      [0.03, 0, 0, 0, 0],
      [0, 0.03, 0, 0, 0],
      [0, 0, 0.03, 0, 0],
      [0, 0, 0, 0.2, 0],
      [0, 0, 0, 0, 0.2],
      [0.02, -0.02, 0.02, 0.1, 0.15],
    ];
    for (const d of directions) {
      let expected = 0;
      for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) expected += 0.5 * d[i]! * d[j]! * precision[5 * i + j]!;
      const fall = (sign: number): number => {
        const [x, y, z, u, v] = d.map((c) => sign * c) as [number, number, number, number, number];
        return top - climber.scoreAt(slicer, points, row, [x, y, z], [u, v]);
      };
      expect((fall(1) + fall(-1)) / 2 / expected).toBeGreaterThan(0.85);
      expect((fall(1) + fall(-1)) / 2 / expected).toBeLessThan(1.15);
    }
  });
});

describe("a climb", () => {
  test("goes to the top from 4° and half a pixel off: no neighbour scores higher, and errors have the precision's size", () => {
    let [inside, near] = [0, 0];
    for (let i = 0; i < truths.length; i++) {
      take(reader, i);
      const row = poseRow(i, [0.05, -0.04, 0.03], 0.4, -0.3);
      const precision = climber.climb(slicer, points, row, 0);
      expect(row[8]! / scoreOf(i, row)).toBeCloseTo(1, 4);
      expect(row[8]!).toBeGreaterThan(scoreOf(i, poseRow(i)) - 0.5);
      if (geodesicRad(rotationOfPose(row, 0), truths[i]!.rotation) < 0.05) near++;
      // ω P_ωω ω below its 99 % limit given the shift.
      const turn = geodesicRad(rotationOfPose(row, 0), truths[i]!.rotation);
      if (turn ** 2 * Math.min(precision[0]!, precision[6]!, precision[12]!) < 30) inside++;
    }
    expect(near).toBeGreaterThan(36);
    expect(inside).toBeGreaterThan(36);
  });

  test("stays where it is when the image says nothing", () => {
    slicer.setImage(emptyImage(points));
    const row = poseRow(0);
    const before = row.slice();
    climber.climb(slicer, points, row, 0);
    expect(row.subarray(0, 8)).toEqual(before.subarray(0, 8));
    expect(row[8]).toBe(0);
  });
});
