import { expect, test } from "vitest";
import type { Volume } from "../../../src/core/types.js";
import { perImageFsc } from "../../../src/metrics/per-image-fsc.js";
import { imageFsc } from "../../../src/plot/image-fsc.js";

const BOX = 16;

/** Voxels of value 1, from the centre of the box. */
function points(places: readonly (readonly [x: number, y: number, z: number])[], box = BOX): Volume {
  const values = new Float32Array(box ** 3);
  for (const [x, y, z] of places) values[((z + box / 2) * box + y + box / 2) * box + x + box / 2] = 1;
  return { kind: "volume", box, pixelSizeAngstrom: 2, values };
}

const point = points([[0, 0, 0]]);
const moved = (voxels: number): Volume => points([[voxels, 0, 0]]);

/** FSC of a point and itself moved along x: the mean of cos(2π kx s/box) over the frequencies of a shell. */
function curveOfMove(voxels: number): number[] {
  const [sum, count] = [new Array<number>(BOX / 2).fill(0), new Array<number>(BOX / 2).fill(0)];
  for (let kz = -BOX / 2; kz < BOX / 2; kz++)
    for (let ky = -BOX / 2; ky < BOX / 2; ky++)
      for (let kx = -BOX / 2; kx < BOX / 2; kx++) {
        const shell = sum.findIndex((_, i) => i >= 1 && kx * kx + ky * ky + kz * kz < i * i);
        if (shell < 0) continue;
        sum[shell]! += Math.cos((2 * Math.PI * kx * voxels) / BOX);
        count[shell]!++;
      }
  return sum.map((value, i) => (i === 0 ? 1 : value / count[i]!));
}

const areaOf = (curve: readonly number[]): number =>
  curve.slice(1).reduce((area, value, i) => area + (Math.abs(value) + Math.abs(curve[i]!)) / 2 / BOX, 0);

test("a point found where it is not has the curve and the area of its displacement", async () => {
  const images = [0, 1, 3, 4];
  const fsc = await perImageFsc(images, { found: moved, truth: () => point });
  const wanted = images.map(curveOfMove);
  wanted.forEach((curve, n) => {
    expect(fsc.curves[n]!.correlation.length).toBe(BOX / 2);
    for (const [i, value] of curve.entries()) expect(fsc.curves[n]!.correlation[i]).toBeCloseTo(value, 6);
    expect(fsc.areas[n]).toBeCloseTo(areaOf(curve), 6);
  });
  const [a, b, c, d] = wanted.map(areaOf) as [number, number, number, number];
  expect(Math.min(...wanted[3]!)).toBeLessThan(-0.1); // the area is that under |FSC|, as here it matters
  const mean = (a + b + c + d) / 4;
  expect(fsc.mean).toBeCloseTo(mean, 6);
  expect(fsc.deviation).toBeCloseTo(Math.sqrt((a * a + b * b + c * c + d * d) / 4 - mean * mean), 6);
  const [, low, high] = [a, b, c, d].sort((x, y) => x - y) as [number, number, number, number];
  expect(fsc.median).toBeCloseTo((low + high) / 2, 6);
  expect([...fsc.images]).toEqual(images);
});

test("equal maps reach the perfect area, (box/2 − 1)/box", async () => {
  const fsc = await perImageFsc([7], { found: moved, truth: moved });
  expect(fsc.perfectArea).toBe(7 / 16);
  expect(fsc.mean).toBeCloseTo(7 / 16, 9);
  expect(fsc.deviation).toBe(0);
});

test("maps are asked for one image at a time, promised or at hand, and progress is told", async () => {
  const asked: string[] = [];
  const told: number[] = [];
  await perImageFsc(
    Int32Array.of(4, 2),
    {
      found: async (image) => {
        asked.push(`found ${image}`);
        return point;
      },
      truth: (image) => {
        asked.push(`truth ${image}`);
        return point;
      },
    },
    { onProgress: ({ fraction }) => told.push(fraction) },
  );
  expect(asked).toEqual(["found 4", "truth 4", "found 2", "truth 2"]);
  expect(told).toEqual([0.5, 1]);
});

test("a mask leaves out what lies outside it, and shells may be RELION's", async () => {
  const maps = {
    found: () =>
      points([
        [0, 0, 0],
        [6, 0, 0],
      ]),
    truth: () =>
      points([
        [0, 0, 0],
        [0, 6, 0],
      ]),
  };
  const whole = await perImageFsc([0], maps);
  expect(whole.mean).toBeLessThan(0.4);
  const inside = await perImageFsc([0], maps, { mask: point.values });
  expect(inside.mean).toBeCloseTo(inside.perfectArea, 9);
  const relion = await perImageFsc([0], maps, { shells: "relion" });
  expect(relion.areas[0]).not.toBeCloseTo(whole.areas[0]!, 3);
});

test("is a group of the figure of per-image curves", async () => {
  const fsc = await perImageFsc([0, 0], { found: moved, truth: moved });
  expect(imageFsc([{ label: "ours", ...fsc }]).text).toContain("ours: 2 images, mean 0.438 (0.000), median 0.438");
});

test("stops at the caller's request", async () => {
  const stop = new AbortController();
  const found = (image: number): Volume => {
    if (image === 1) stop.abort();
    if (image === 2) throw new Error("asked for a map after the stop");
    return point;
  };
  const run = perImageFsc([0, 1, 2], { found, truth: () => point }, { signal: stop.signal });
  await expect(run).rejects.toThrow("stopped at the caller's request");
});

test("refuses what it cannot compare, naming the image", async () => {
  const small = points([[0, 0, 0]], 8);
  const maps = { found: () => point, truth: () => point };
  await expect(perImageFsc([], maps)).rejects.toThrow("images: expected at least one image, got 0");
  await expect(perImageFsc([1.5], maps)).rejects.toThrow("images: expected positions of images, from 0, got 1.5");
  await expect(perImageFsc([3], { ...maps, found: () => small })).rejects.toThrow(
    "found(3): expected a box of 16 as of its true map, got 8",
  );
  const truth = (image: number): Volume => (image === 5 ? small : point);
  await expect(perImageFsc([3, 5], { found: truth, truth })).rejects.toThrow(
    "truth(5): expected a box of 16 as for image 3, got 8",
  );
  await expect(perImageFsc([0], maps, { mask: new Float32Array(8) })).rejects.toThrow(
    "mask: expected 16³ values, got 8",
  );
});
