import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { createInputReader, measureInput } from "../../../src/encoder/encoder-input.js";
import { emptyLesson, type Taught } from "../../../src/encoder/imitation.js";
import { rasterDecoder } from "../../../src/encoder/raster-loss.js";
import { createRenderedLessons } from "../../../src/encoder/rendered-lessons.js";
import { teachersVolumes } from "../../../src/encoder/teachers-volumes.js";
import type { Matrix3 } from "../../../src/geometry/rotation.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { pearson } from "../../../src/metrics/spearman.js";
import { rotationOfPose } from "../../../src/pose/pose-row.js";
import { relativeError } from "../../support/compare.js";
import { linearBeads, linearSet } from "../../support/linear-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();
const [box, pixelSizeAngstrom] = [32, 8];
const config = { inputBox: 32, width: 8, hidden: 16, classes: 1, zDim: 1, poseHeads: 16 };

test("the volumes of a teacher are the mean and the slope along z of beads that are linear in it", () => {
  const { set, truths, poses } = linearSet(at("linear"), 1, 300);
  const reader = openPrepared(set);
  const z = Float32Array.from(truths, ({ coordinates }) => 3 * coordinates[0]);
  const taught = (i: number): Taught => ({
    ...{ pose: poses, poseAt: 9 * i, classIndex: 0, posterior: [1], posteriorAt: 0, z, zAt: i },
  });
  const [found] = teachersVolumes(reader, taught, { classes: 1, zDim: 1, radius: 9 });
  const rasterAt = (c: number) =>
    rasterFromVolume(beadVolume(linearBeads(1, [c, 0]), set.box, set.pixelSizeAngstrom), 9, 2).values;
  const [rest, up] = [rasterAt(0), rasterAt(1)];
  expect(pearson(found!.rest.values, rest)).toBeGreaterThan(0.97);
  const slope = up.map((v, i) => (v - rest[i]!) / 3);
  expect(pearson(found!.slopes[0]!.values, slope)).toBeGreaterThan(0.9);
  const size = (values: Float32Array): number => Math.hypot(...values.filter((_, i) => i % 7 === 0));
  const ratio = size(found!.slopes[0]!.values) / size(found!.rest.values) / (size(slope) / size(rest));
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.4);
  reader.close();
});

test("a rendered image is the exact projection of the particle at the pose, shift and conformation it is labelled with", () => {
  const contrast = [titan(20000)];
  const rows = [new Float32Array(2 * halfPlane(box).count).fill(1)];
  const set = writePrepared(at("one"), { box, pixelSizeAngstrom, rows, contrast });
  const reader = openPrepared(set);
  const input = createInputReader(reader, measureInput(reader, 32));
  const rasterAt = (c: number) =>
    rasterFromVolume(beadVolume(linearBeads(1, [c, 0]), box, pixelSizeAngstrom), input.radius, 2);
  const decoder = rasterDecoder([rasterAt(0), rasterAt(1), rasterAt(-1)]);
  const pose = Float64Array.of(1, 0, 0, 0, 1, 0, 2, 0, 0);
  const z = Float32Array.of(0.8);
  const taught = (): Taught => ({ pose, poseAt: 0, classIndex: 0, posterior: [1], posteriorAt: 0, z, zAt: 0 });
  const lessons = createRenderedLessons(reader, input, [decoder], taught, seededRandom(1));
  const batch = emptyLesson(config, 1);
  const random = seededRandom(2);
  for (let n = 0; n < 4; n++) {
    lessons.renderInto(batch, 0, config, 0, random);
    const { rotation, shift, posed, posterior } = batch.lesson;
    expect([posed[0], posterior[0], batch.lesson.z[0]]).toEqual([1, 1, z[0]]);
    const moved = Array.from(shift, (s) => s / input.perPixel) as [number, number];
    expect(Math.hypot(...moved)).toBeLessThan(2 + Math.SQRT2 / input.perPixel + 1e-6);
    const model = linearBeads(1, [z[0]!, 0]);
    const row = knownRow(
      {
        ...{ model, contrast: contrast[0]! },
        rotation: rotationOfPose(rotation, 0) as Matrix3,
        shiftAngstrom: [moved[0] * pixelSizeAngstrom, moved[1] * pixelSizeAngstrom],
      },
      { box, pixelSizeAngstrom },
      1,
    ).subarray(0, 2 * input.points);
    const transfer = new Float32Array(input.points);
    reader.readContrast(0, transfer);
    // The trilinear look-up is good to a few per cent at the highest frequencies.
    expect(relativeError(batch.images, input.image(row, transfer))).toBeLessThan(0.05);
  }
  reader.close();
});

test("the noise of rendered images has variance 1 in every coefficient, and each image its own", () => {
  const contrast = [titan(20000)];
  const rows = [new Float32Array(2 * halfPlane(box).count).fill(1)];
  const reader = openPrepared(writePrepared(at("noise"), { box, pixelSizeAngstrom, rows, contrast }));
  const input = createInputReader(reader, measureInput(reader, 32));
  const empty = rasterFromVolume(
    { ...beadVolume(linearBeads(0, [0, 0]), box, 8), values: new Float32Array(box ** 3) },
    input.radius,
  );
  const pose = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0);
  const z = new Float32Array(0);
  const taught = (): Taught => ({ pose, poseAt: 0, classIndex: 0, posterior: [1], posteriorAt: 0, z, zAt: 0 });
  const rigid = { ...config, zDim: 0 };
  const lessons = createRenderedLessons(reader, input, [rasterDecoder([empty])], taught, seededRandom(1));
  const white = seededRandom(3);
  const transfer = new Float32Array(input.points);
  reader.readContrast(0, transfer);
  let [found, expected] = [0, 0];
  const random = seededRandom(2);
  const batch = emptyLesson(rigid, 1);
  for (let n = 0; n < 200; n++) {
    lessons.renderInto(batch, 0, rigid, 1, random);
    found += batch.images.reduce((sum, v) => sum + v * v, 0);
    const row = Float32Array.from({ length: 2 * input.points }, () => white.normal());
    expected += input.image(row, transfer).reduce((sum, v) => sum + v * v, 0);
  }
  // A ramp from 0.85 to 0.99 of the radius has a mean square of 0.632 over the image, so that noise of variance 1 in every
  // coefficient is 1.58 times as strong within it; the rim of the circle seen lies in the ramp.
  expect(found / expected).toBeGreaterThan(1.45);
  expect(found / expected).toBeLessThan(1.58);
  reader.close();
});
