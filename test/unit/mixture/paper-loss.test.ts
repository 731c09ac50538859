/** Truth: transforms of points as sums of plane waves; the formulas of methods.md 2.3 written out here; differences. */
import { afterAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { createPaperTrainer, type ImageVariables } from "../../../src/mixture/paper-trainer.js";
import { ctf } from "../../../src/optics/ctf.js";
import { relativeError } from "../../support/compare.js";
import { fieldOfPoints, pointHartley } from "../../support/known-fields.js";
import { boot, hook, rowOfPoints } from "../../support/known-points.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const [box, pixelSizeAngstrom, K, sigma] = [16, 6, 2, 0.7];
const random = seededRandom(4);
const rotations = Array.from({ length: 3 }, () => randomRotation(random));
const shifts = [
  [1, -0.5],
  [0, 2],
  [-1.5, 0.5],
] as const;
const bodies = [boot, hook];
const contrast = titan(12000);
const transfer = ctf(contrast.optics, contrast.defocus);
const plane = halfPlane(box);
const step = 1 / (box * pixelSizeAngstrom);
const envelope = Float32Array.from({ length: box / 2 }, (_, s) => 1 + 0.1 * s);

/** Images 0 and 1 are of class 0, image 2 of class 1, seen through CTF and envelope. */
const species = [0, 0, 1];
const rows = rotations.map((rotation, i) => {
  const row = rowOfPoints({ points: bodies[species[i]!]!, rotation, shift: shifts[i]! }, box);
  for (let p = 0; p < plane.count; p++) for (const at of [2 * p, 2 * p + 1]) row[at]! *= gainAt(p);
  return row;
});
function gainAt(p: number): number {
  const r = Math.hypot(plane.kx[p]!, plane.ky[p]!);
  return transfer(plane.kx[p]! * step, plane.ky[p]! * step) * (1 + 0.1 * Math.min(r, box / 2 - 1));
}
const set = writePrepared(folder("set"), {
  box,
  pixelSizeAngstrom,
  rows,
  contrast: rows.map(() => contrast),
  signalEnvelope: envelope,
});
const reader = openPrepared(set);
afterAll(() => reader.close());
const fields = bodies.map((points) => fieldOfPoints(points, 1));

/** Every image at its true pose under its own class and under the other; scores and z of no special kind. */
function variablesAt(z: readonly number[] = [0, 0, 0, 0, 0, 0]): ImageVariables {
  return {
    scores: Float32Array.of(0.3, -0.2, 0, 0.5, 0.1, 0.1),
    z: Float32Array.from(z),
    rotations: Float32Array.from(rotations.flatMap((R) => [...R.slice(0, 6), ...R.slice(0, 6)])),
    shifts: Float32Array.from(shifts.flatMap((t) => [...t, ...t])),
  };
}

/** e of image i under class k at its true pose, by sums of plane waves over both halves of the plane. */
function errorOf(i: number, k: number): number {
  const R = rotations[i]!;
  let sum = 0;
  for (let p = 0; p < plane.count; p++)
    for (const sign of [1, -1]) {
      const k3 = [0, 1, 2].map((a) => (sign * (plane.kx[p]! * R[a]! + plane.ky[p]! * R[3 + a]!)) / box);
      const hartley = (body: number): number =>
        bodies[body]!.reduce((total, point) => total + pointHartley(k3, point), 0);
      sum += (gainAt(p) * (hartley(k) - hartley(species[i]!))) ** 2;
    }
  return sum / (2 * plane.count) / 2;
}

const options = { classes: K, sigma, radius: box / 2 - 1, threads: 1 };
const trainer = await createPaperTrainer(reader, fields[0]!.config, options);
const images = [0, 1, 2];
const gradientsAt = (variables: ImageVariables): ReturnType<typeof trainer.gradients> =>
  trainer.gradients(fields, images, variables, seededRandom(1));

describe("the published loss", () => {
  const expected = images.flatMap((i) => [errorOf(i, 0), errorOf(i, 1)]);
  const { scores } = variablesAt();
  const p = images.map((i) => softmax([scores[2 * i]!, scores[2 * i + 1]!]));
  const weights = p.map((row, i) => row.map((value, k) => value * Math.exp(-expected[2 * i + k]! / (2 * sigma ** 2))));

  test("has the mean squared residual over all numbers as e, 0 at the true pose of the true class", async () => {
    const { errors, power } = await gradientsAt(variablesAt());
    expect(relativeError(errors, expected)).toBeLessThan(1e-5);
    expect(errors[0]).toBeLessThan(1e-9);
    expect(expected[1]).toBeGreaterThan(0.1);
    images.forEach((i) => {
      expect(power[i]).toBeCloseTo(rows[i]!.reduce((sum, v) => sum + v * v, 0) / rows[i]!.length, 4);
    });
  });

  test("is −log Σ p exp(−e/2σ²), the mean over images", async () => {
    const { loss } = await gradientsAt(variablesAt());
    const each = weights.map((row) => -Math.log(row.reduce((a, b) => a + b, 0)));
    expect(loss).toBeCloseTo(each.reduce((a, b) => a + b, 0) / 3, 5);
  });

  test("has p − r as its gradient of the scores, r the responsibilities", async () => {
    const { images: found } = await gradientsAt(variablesAt());
    const gradient = weights.flatMap((row, i) => {
      const sum = row.reduce((a, b) => a + b, 0);
      return row.map((value, k) => (p[i]![k]! - value / sum) / 3);
    });
    expect(relativeError(found.scores, gradient)).toBeLessThan(1e-4);
    expect(Math.abs(gradient[0]!)).toBeGreaterThan(0.01);
  });

  test("has gradients of rotations, shifts and z that are its differences", async () => {
    const at = variablesAt([0.1, -0.2, 0.3, 0, 0.05, 0.2]);
    const away = seededRandom(8);
    for (const name of ["rotations", "shifts"] as const)
      at[name].forEach((value, i) => {
        at[name][i] = value + 0.1 * away.normal();
      });
    const gradient = (await gradientsAt(at)).images;
    for (const name of ["rotations", "shifts", "z"] as const) {
      const [array, slopes] = [at[name], gradient[name].slice()];
      const differences = new Float64Array(slopes.length);
      for (let i = 0; i < array.length; i++) {
        const before = array[i]!;
        const lossAt = async (value: number): Promise<number> => {
          array[i] = value;
          return (await gradientsAt(at)).loss;
        };
        differences[i] = ((await lossAt(before + 1e-2)) - (await lossAt(before - 1e-2))) / 2e-2;
        array[i] = before;
      }
      expect(relativeError(slopes, differences), name).toBeLessThan(0.02);
    }
  });

  test("is the same on the reference engine, gradients of the fields too", async () => {
    const reference = await createPaperTrainer(reader, fields[0]!.config, { ...options, engine: "reference" });
    const at = variablesAt([0.1, -0.2, 0.3, 0, 0.05, 0.2]);
    const [a, b] = [await gradientsAt(at), await reference.gradients(fields, images, at, seededRandom(1))];
    expect(Math.abs(a.loss / b.loss - 1)).toBeLessThan(1e-5);
    a.fields.forEach((field, k) => {
      for (const name in field) expect(relativeError(field[name]!, b.fields[k]![name]!), name).toBeLessThan(1e-4);
    });
    for (const name of ["rotations", "shifts", "z", "scores"] as const)
      expect(relativeError(a.images[name], b.images[name]), name).toBeLessThan(1e-4);
  });
});

test("random points give the same errors on average", async () => {
  const drawn = await createPaperTrainer(reader, fields[0]!.config, { ...options, pointsPerImage: 20 });
  const whole = (await gradientsAt(variablesAt())).errors;
  const draws = seededRandom(2);
  const sum = new Float64Array(6);
  const repeats = 100;
  for (let n = 0; n < repeats; n++)
    (await drawn.gradients(fields, images, variablesAt(), draws)).errors.forEach((e, i) => {
      sum[i]! += e / repeats;
    });
  for (let i = 0; i < 6; i++) expect(Math.abs(sum[i]! - whole[i]!)).toBeLessThan(0.08 * whole[i]! + 1e-6);
});

test("a batch that fills no run counts its images alone", async () => {
  const all = variablesAt();
  const one: ImageVariables = {
    scores: all.scores.slice(4),
    z: all.z.slice(4),
    rotations: all.rotations.slice(24),
    shifts: all.shifts.slice(8),
  };
  const found = await trainer.gradients(fields, [2], one, seededRandom(1));
  expect(relativeError(found.errors, [errorOf(2, 0), errorOf(2, 1)])).toBeLessThan(1e-5);
});

function softmax(scores: readonly number[]): number[] {
  const sum = scores.reduce((total, s) => total + Math.exp(s), 0);
  return scores.map((s) => Math.exp(s) / sum);
}
