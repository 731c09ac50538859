import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { changePoseInto, UNCHANGED } from "../../../src/encoder/in-plane.js";
import {
  createRasterLoss,
  type PoseGradient,
  type RasterLoss,
  rasterDecoder,
} from "../../../src/encoder/raster-loss.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { beadProjection, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { ctf } from "../../../src/optics/ctf.js";
import { rotationOfPose } from "../../../src/pose/pose-row.js";
import { gatherHalfPlane } from "../../support/gather-half-plane.js";
import { type Contrast, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();
const box = 32;
const pixelSizeAngstrom = 8;
const plane = halfPlane(box);
const random = seededRandom(8);
const beads = (seed: number) => {
  const own = seededRandom(seed);
  return {
    kind: "bead-model",
    count: 10,
    positionsAngstrom: Float64Array.from({ length: 30 }, () => 25 * own.normal()),
    weights: Float64Array.from({ length: 10 }, () => 0.5 + own.uniform()),
    sigmaAngstrom: 12,
  } as const;
};
const [model, other] = [beads(1), beads(2)];
const radius = 9;
const rasterOf = (m: typeof model) => rasterFromVolume(beadVolume(m, box, pixelSizeAngstrom), radius, 2);
const decoder = rasterDecoder([rasterOf(model)]);
const pose = Float64Array.from([...randomRotation(random).slice(0, 6), 1.5, -2.5, 0]);
const contrast: Contrast = {
  ...titan(15000),
  defocus: { uAngstrom: 16000, vAngstrom: 14000, angleRad: 0.4, phaseShiftRad: 0 },
};
/** The mirrored microscope: its astigmatism lies the other way round. */
const mirrored: Contrast = { ...contrast, defocus: { ...contrast.defocus, angleRad: Math.PI - 0.4 } };
let loss: RasterLoss;

/** The exact image at `pose`: C · F, half-plane. */
function rowAt(p: ArrayLike<number>, c: Contrast): Float32Array {
  const shiftAngstrom = [p[6]! * pixelSizeAngstrom, p[7]! * pixelSizeAngstrom] as const;
  const values = beadProjection(model, { box, pixelSizeAngstrom }, { rotation: rotationOfPose(p, 0), shiftAngstrom });
  const row = gatherHalfPlane({ kind: "fourier-array", side: box, rank: 2, values }, plane);
  const transfer = ctf(c.optics, c.defocus);
  const step = 1 / (box * pixelSizeAngstrom);
  return row.map((v, i) => v * transfer(plane.kx[i >> 1]! * step, plane.ky[i >> 1]! * step));
}

/** H(−kx, ky), the transform of the image mirrored along x. */
function mirrorRow(row: Float32Array): Float32Array {
  const place = new Map(Array.from(plane.kx, (kx, p) => [`${kx} ${plane.ky[p]}`, p]));
  return row.map((v, i) => {
    const [kx, ky] = [plane.kx[i >> 1]!, plane.ky[i >> 1]!];
    if (kx === 0) return v;
    const from = place.get(`${kx} ${-ky}`)!; // F(−kx, ky) is the conjugate of F(kx, −ky)
    return i % 2 === 0 ? row[2 * from]! : -row[2 * from + 1]!;
  });
}

beforeAll(() => {
  const row = rowAt(pose, contrast);
  const rows = [row, mirrorRow(row)];
  loss = createRasterLoss(
    openPrepared(writePrepared(at("set.f32"), { box, pixelSizeAngstrom, rows, contrast: [contrast, mirrored] })),
  );
});

test("vanishes at the true pose, and is the whole image's power where nothing is there", () => {
  loss.load(0, radius);
  const [here, nothing] = [loss.value(decoder, pose, 0, [], 0), loss.nothing()];
  // What trilinear look-up on a twofold grid leaves.
  expect(here / nothing).toBeLessThan(0.005);
  expect(loss.expectedGain(decoder, pose, 0, [], 0) / (nothing * plane.count)).toBeGreaterThan(0);
  const turned = Float64Array.from([...randomRotation(random).slice(0, 6), 0, 0, 0]);
  expect(loss.value(decoder, turned, 0, [], 0)).toBeGreaterThan(0.3 * nothing);
});

test("counts an image at a pose and its mirror image at the pose from behind exactly alike", () => {
  for (let i = 0; i < 5; i++) {
    const any = Float64Array.from([...randomRotation(random).slice(0, 6), random.normal(), random.normal(), 0]);
    const behind = new Float64Array(9);
    changePoseInto(behind, 0, { ...UNCHANGED, mirror: true }, any, 0);
    loss.load(0, radius);
    const one = loss.value(decoder, any, 0, [], 0);
    loss.load(1, radius);
    // The rasters are Hermitian up to float32, and the look-up takes mirrored cells.
    expect(loss.value(decoder, behind, 0, [], 0) / one).toBeCloseTo(1, 5);
  }
});

test("has the gradient of its value: rows, shift and conformation, by finite differences", () => {
  const [rest, plus, minus] = [rasterOf(model), rasterOf(other), rasterOf(beads(3))];
  const flexing = rasterDecoder([rest, plus, minus]);
  const z = [0.4];
  const near = Float64Array.from(pose, (x, i) => x + (i < 6 ? 0.05 : 0.3) * random.normal());
  const gradient: PoseGradient = { rows: new Float64Array(6), shift: new Float64Array(2), z: new Float64Array(1) };
  loss.load(0, radius);
  const value = loss.gradient(gradient, flexing, near, 0, z, 0);
  expect(loss.value(flexing, near, 0, z, 0)).toBeCloseTo(value, 8);
  const difference = (change: (h: number) => number, h: number): number => (change(h) - change(-h)) / (2 * h);
  const moved = (i: number, h: number): number =>
    loss.value(
      flexing,
      near.map((x, j) => x + (i === j ? h : 0)),
      0,
      z,
      0,
    );
  const found = [...gradient.rows, ...gradient.shift];
  const expected = found.map((_, i) => difference((h) => moved(i, h), i < 6 ? 2e-4 : 1e-3));
  const scale = Math.hypot(...expected);
  // Cells of the look-up meet in corners, which a difference may straddle.
  found.forEach((g, i) => {
    expect(Math.abs(g - expected[i]!) / scale, `entry ${i}`).toBeLessThan(5e-3);
  });
  const slope = difference((h) => loss.value(flexing, near, 0, [z[0]! + h], 0), 1e-2);
  expect(gradient.z[0]! / slope).toBeCloseTo(1, 3);
});
