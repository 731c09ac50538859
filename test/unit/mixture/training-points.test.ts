import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { contrastRow } from "../../../src/imaging/contrast-row.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { createPointSampler, envelopeAt } from "../../../src/mixture/training-points.js";
import { POSE_STRIDE } from "../../../src/pose/pose-row.js";
import { pointHartley } from "../../support/known-fields.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const [box, pixelSizeAngstrom, radius] = [24, 6, 8.4];
const plane = halfPlane(box);
const envelope = Float32Array.from({ length: 12 }, (_, s) => 3 / (1 + s * s));
const points = [
  [2, -1, 3],
  [-4, 2, 1],
] as const;

/** Images of unit points whose amplitude falls off as the envelope, through a CTF, displaced, at random poses. */
function pointImages(count: number) {
  const random = seededRandom(1);
  const poses = new Float32Array(count * POSE_STRIDE);
  const contrast = Array.from({ length: count }, (_, i) => titan(10000 + 500 * i));
  const rows = contrast.map((own, i) => {
    const r = randomRotation(random);
    const t = [2 * random.normal(), 2 * random.normal()];
    poses.set([...r.slice(0, 6), ...t, 0], i * POSE_STRIDE);
    const transfer = contrastRow(plane, pixelSizeAngstrom, own);
    const row = new Float32Array(2 * plane.count);
    for (const point of points) {
      const [x, y] = [0, 1].map(
        (a) => t[a]! + r[3 * a]! * point[0] + r[3 * a + 1]! * point[1] + r[3 * a + 2]! * point[2],
      );
      for (let p = 0; p < plane.count; p++) {
        const gain = transfer[p]! * envelopeAt(envelope, Math.hypot(plane.kx[p]!, plane.ky[p]!));
        const angle = (-2 * Math.PI * (plane.kx[p]! * x! + plane.ky[p]! * y!)) / box;
        row[2 * p]! += gain * Math.cos(angle);
        row[2 * p + 1]! += gain * Math.sin(angle);
      }
    }
    return row;
  });
  const set = writePrepared(folder(`points ${count}`), {
    box,
    pixelSizeAngstrom,
    rows,
    contrast,
    signalEnvelope: envelope,
  });
  return { reader: openPrepared(set), poses, images: Array.from(rows, (_, i) => i) };
}

describe("training points", () => {
  const { reader, poses, images } = pointImages(8);

  test("have targets equal to gain × field for exact data: Hartley values of the points", () => {
    const { k, gain, target, weight } = createPointSampler(reader, 1000, 0).draw(
      { images, poses },
      radius,
      seededRandom(2),
    );
    let worst = 0;
    for (let i = 0; i < 1000; i++) {
      const own = k.subarray(3 * i, 3 * i + 3);
      const f = points.reduce((sum, point) => sum + pointHartley(own, point), 0);
      worst = Math.max(worst, Math.abs(target[i]! - gain[i]! * f));
    }
    expect(worst).toBeLessThan(1e-4); // float32 poses
    expect(gain.some((g) => Math.abs(g) > 0.2)).toBe(true);
    expect(weight.every((w) => w === 1)).toBe(true);
  });

  test("lie within the radius, in both halves of the plane, every image and point as often as another", () => {
    const within = pointsWithin(plane, radius);
    const sampler = createPointSampler(reader, 4096, 0);
    const random = seededRandom(3);
    const counts = new Map<string, number>();
    const signs = [0, 0];
    for (let round = 0; round < 20; round++) {
      const { k } = sampler.draw({ images: [3], poses: poses.slice(3 * POSE_STRIDE) }, radius, random);
      for (let i = 0; i < 4096; i++) {
        // Rows of R take k3 back to the image: kx, ky.
        const back = [0, 1].map((row) =>
          Math.round(
            [0, 1, 2].reduce((sum, a) => sum + box * k[3 * i + a]! * poses[3 * POSE_STRIDE + 3 * row + a]!, 0),
          ),
        );
        const inHalf = back[0]! > 0 || (back[0] === 0 && back[1]! > 0);
        signs[inHalf ? 0 : 1]! += 1;
        const key = inHalf ? `${back[0]} ${back[1]}` : `${0 - back[0]!} ${0 - back[1]!}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const expected = (20 * 4096) / within;
    expect(counts.size).toBe(within);
    for (const count of counts.values()) expect(Math.abs(count / expected - 1)).toBeLessThan(5 / Math.sqrt(expected));
    expect(Math.abs(signs[0]! - signs[1]!)).toBeLessThan(4 * Math.sqrt(20 * 4096));
  });

  test("carry the conformation of their image", () => {
    const z = Float32Array.from({ length: 16 }, (_, i) => i);
    const batch = createPointSampler(reader, 640, 2).draw({ images, poses, z }, radius, seededRandom(4));
    const seen = new Set<number>();
    for (let i = 0; i < 640; i++) {
      const [a, b] = [batch.z![2 * i]!, batch.z![2 * i + 1]!];
      expect(b).toBe(a + 1);
      expect(a % 2).toBe(0);
      // The gain tells whose point it is: defoci differ.
      const s2 = (batch.k[3 * i]! ** 2 + batch.k[3 * i + 1]! ** 2 + batch.k[3 * i + 2]! ** 2) / pixelSizeAngstrom ** 2;
      const chi = Math.PI * 0.0196875 * (10000 + 250 * a) * s2 - 0.5 * Math.PI * 2.7e7 * 0.0196875 ** 3 * s2 * s2;
      const want = Math.sin(chi + Math.asin(0.1)) * envelopeAt(envelope, box * Math.sqrt(s2) * pixelSizeAngstrom);
      expect(Math.abs(batch.gain[i]! - want)).toBeLessThan(1e-3);
      seen.add(a);
    }
    expect(seen.size).toBeGreaterThan(5);
  });

  test("have no conformation in a rigid class: 0", () => {
    const batch = createPointSampler(reader, 64, 1).draw({ images, poses }, radius, seededRandom(4));
    expect(batch.z!.every((v) => v === 0)).toBe(true);
  });
});

test("the envelope is linear between shells and constant beyond the last", () => {
  const steps = Float32Array.of(4, 2, 1);
  expect([0, 0.5, 1, 1.25, 2, 7].map((r) => envelopeAt(steps, r))).toEqual([4, 3, 2, 1.75, 1, 1]);
});
