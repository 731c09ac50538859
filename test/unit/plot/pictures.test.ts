import { expect, test } from "vitest";
import type { Volume } from "../../../src/core/types.js";
import { rotationFromEuler, rotationsOf } from "../../../src/geometry/rotation.js";
import { classOccupancy } from "../../../src/plot/class-occupancy.js";
import { ctfCurves } from "../../../src/plot/ctf-curves.js";
import { isosurface, surfaceLevel } from "../../../src/plot/isosurface.js";
import { latentScatter } from "../../../src/plot/latent-scatter.js";
import { numberText, percentText, roundedTo } from "../../../src/plot/number-text.js";
import { orthogonalSlices } from "../../../src/plot/orthogonal-slices.js";
import { particleMontage } from "../../../src/plot/particle-montage.js";
import { shadedSurface } from "../../../src/plot/shaded-surface.js";
import { surfaceMesh } from "../../../src/plot/surface-nets.js";
import { viewingDirections } from "../../../src/plot/viewing-directions.js";

/** A ball whose density falls linearly through `level` 0.5 at `radius` voxels. */
function ball(box: number, radius: number, pixelSizeAngstrom: number, centre: readonly number[] = [0, 0, 0]): Volume {
  const values = new Float32Array(box ** 3);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at++) {
        const r = Math.hypot(x - box / 2 - centre[0]!, y - box / 2 - centre[1]!, z - box / 2 - centre[2]!);
        values[at] = 0.5 + (radius - r) / 4;
      }
  return { kind: "volume", box, pixelSizeAngstrom, values };
}

test("the mesh of a ball is closed, has its radius, area and volume, and normals that point outwards", () => {
  const { positions, normals, triangles } = surfaceMesh(ball(32, 10, 3), 0.5);
  const corner = (t: number, k: number): number[] => [0, 1, 2].map((c) => positions[3 * triangles[t + k]! + c]!);
  const edges = new Map<string, number>();
  let [volume, area] = [0, 0];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [corner(t, 0), corner(t, 1), corner(t, 2)] as [number[], number[], number[]];
    const cross = (p: number[], q: number[]): number[] =>
      [0, 1, 2].map((i) => p[(i + 1) % 3]! * q[(i + 2) % 3]! - p[(i + 2) % 3]! * q[(i + 1) % 3]!);
    const n = cross(
      b.map((v, i) => v - a[i]!),
      c.map((v, i) => v - a[i]!),
    );
    area += Math.hypot(...n) / 2;
    volume += a.reduce((sum, v, i) => sum + v * n[i]!, 0) / 6;
    for (let k = 0; k < 3; k++) {
      const key = [triangles[t + k]!, triangles[t + ((k + 1) % 3)]!].join(">");
      edges.set(key, (edges.get(key) ?? 0) + 1);
    }
  }
  // Closed and oriented: each directed edge once, and its reverse too.
  for (const [key, times] of edges) {
    expect(times).toBe(1);
    expect(edges.has(key.split(">").reverse().join(">"))).toBe(true);
  }
  // A polyhedron of cells of a tenth of the radius: 2 %. Positive volume: seen from outside, counter-clockwise.
  expect(Math.abs(volume / ((4 / 3) * Math.PI * 30 ** 3) - 1)).toBeLessThan(0.02);
  expect(Math.abs(area / (4 * Math.PI * 30 ** 2) - 1)).toBeLessThan(0.02);
  for (let v = 0; v < positions.length; v += 3) {
    const radius = Math.hypot(positions[v]!, positions[v + 1]!, positions[v + 2]!);
    expect(Math.abs(radius - 30)).toBeLessThan(0.6);
    const outwards = [0, 1, 2].reduce((sum, c) => sum + (positions[v + c]! * normals[v + c]!) / radius, 0);
    expect(outwards).toBeGreaterThan(0.97);
  }
});

test("nothing above the level makes an empty surface, and still a figure", () => {
  expect(surfaceMesh(ball(16, 4, 1), 9).triangles.length).toBe(0);
  expect(isosurface(ball(16, 4, 1), { level: 9 }).text).toContain("0 triangles");
});

test("a mesh is coarsened to the triangles asked for, and keeps its size", () => {
  const fine = isosurface(ball(48, 16, 3), { level: 0.5 });
  const coarse = isosurface(ball(48, 16, 3), { level: 0.5, maxTriangles: 1500 });
  const triangles = (text: string): number => Number(/(\d+) triangles/.exec(text)![1]);
  expect(triangles(fine.text)).toBeGreaterThan(1500);
  expect(triangles(coarse.text)).toBeLessThanOrEqual(1500);
  const reach = (text: string): number => Number(/reach (\d+) Å/.exec(text)![1]);
  expect(Math.abs(reach(coarse.text) - 48)).toBeLessThanOrEqual(3);
});

test("the level lies between the particle and its surroundings", () => {
  const map = ball(24, 6, 1);
  const two = { ...map, values: map.values.map((v) => (v > 0.5 ? 10 : 1)) };
  expect(surfaceLevel(two)).toBeGreaterThan(1);
  expect(surfaceLevel(two)).toBeLessThan(10);
});

test("a ball that lies towards +x appears on the right of the view along z, lit from the upper left", () => {
  const view = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, -1],
  ] as const;
  const { pixels } = shadedSurface(surfaceMesh(ball(32, 5, 1, [6, 0, 0]), 0.5), view, 32, 16, [0, 114, 178]);
  const opacity = (x: number, y: number): number => pixels[4 * (y * 32 + x) + 3]!;
  const light = (x: number, y: number): number => pixels[4 * (y * 32 + x) + 1]!;
  expect(opacity(22, 16)).toBe(255);
  expect(opacity(10, 16)).toBe(0);
  expect(light(20, 14)).toBeGreaterThan(light(24, 18));
});

test("slices go through the origin and show x to the right, y and z down", () => {
  const box = 8;
  const values = new Float32Array(box ** 3);
  values[(4 * box + 4) * box + 6] = 1; // z 4, y 4, x 6: two voxels along +x
  const { text } = orthogonalSlices({ kind: "volume", box, pixelSizeAngstrom: 2, values });
  expect(text).toContain("maximum 1");
  const uris = (
    orthogonalSlices({ kind: "volume", box, pixelSizeAngstrom: 2, values }).plotly.layout as {
      images: { source: string }[];
    }
  ).images.map((i) => i.source);
  expect(uris[0]).toBe(uris[1]); // in xy and xz the voxel is at column 6, row 4
  expect(uris[2]).not.toBe(uris[0]); // and is not in the yz slice
});

test("the densest direction is where the particles were seen from", () => {
  // Third row of RELION's matrix: (sin tilt cos rot, sin tilt sin rot, cos tilt).
  const one = rotationsOf(
    Array.from({ length: 50 }, (_, i) => rotationFromEuler((40 * Math.PI) / 180, (60 * Math.PI) / 180, i)),
  );
  const [, longitude, latitude] = /densest .* at longitude (-?\d+)°, latitude (-?\d+)°/.exec(
    viewingDirections(one).text,
  )!;
  expect(Math.abs(Number(longitude) - 40)).toBeLessThanOrEqual(3);
  expect(Math.abs(Number(latitude) - 30)).toBeLessThanOrEqual(3);
});

test("directions at the poles and on the rim are counted too", () => {
  for (const [rot, tilt] of [
    [0, 0],
    [0, Math.PI],
    [Math.PI, Math.PI / 2],
    [-Math.PI, 1.2],
  ] as const)
    expect(viewingDirections(rotationsOf([rotationFromEuler(rot, tilt, 0)])).text).toContain("1 images");
});

test("a scatter draws every point as a dot of the colour of its class", () => {
  const { svg } = latentScatter({ x: [0, 1, 2, 3], y: [0, 1, 2, 5], categories: ["b", "a", "b", "b"] });
  const dots = [...svg.matchAll(/<path d="((?:M[\d.]+ [\d.]+h0)+)" fill="none" stroke="([^"]+)"[^>]*linecap="round"/g)];
  expect(dots.map(([, d, colour]) => [d!.split("h0").length - 1, colour])).toEqual([
    [3, "rgb(213,94,0)"],
    [1, "rgb(0,114,178)"],
  ]);
  const places = dots.flatMap(([, d]) =>
    [...d!.matchAll(/M([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
  );
  const [first, , last] = places as [number, number][];
  expect(last![0]).toBeGreaterThan(first![0]);
  expect(last![1]).toBeLessThan(first![1]); // y upwards
});

test("a scatter keeps the index of each point, so that what is selected can be found", () => {
  const { plotly } = latentScatter({ x: [0, 1, 2, 3], y: [0, 1, 2, 3], categories: ["b", "a", "b", "a"] });
  expect(plotly.data.map((trace) => (trace as { customdata: number[] }).customdata)).toEqual([
    [1, 3],
    [0, 2],
  ]);
});

test("numbers are short: four digits, grouped from ten thousand on", () => {
  expect([0.123456, 12.3456, 1234.56, 12345.6, 85656, 1000, -20000].map(numberText)).toEqual([
    "0.1235",
    "12.35",
    "1235",
    "12,346",
    "85,656",
    "1000",
    "-20,000",
  ]);
  expect(percentText(0.4567)).toBe("45.7 %");
  expect(roundedTo([1.23456, -7.89012], 0.01)).toEqual([1.23, -7.89]);
});

test("figures refuse data that cannot be drawn, by name", () => {
  expect(() => classOccupancy([])).toThrow("occupancy: expected at least one class, got 0");
  expect(() => classOccupancy([1, Number.NaN])).toThrow("occupancy: expected non-negative numbers, got NaN");
  expect(() => latentScatter({ x: [1, 2], y: [1] })).toThrow("y: expected 2 coordinates, got 1");
  expect(() => particleMontage({ images: new Float32Array(5), box: 4, pixelSizeAngstrom: 1 })).toThrow(
    "whole images of 4×4",
  );
  expect(() => ctfCurves({ frequency: [0, 1], curves: [{ label: "a", values: [1] }], defocusAngstrom: [] })).toThrow(
    'curve "a"',
  );
  expect(() => orthogonalSlices([])).toThrow("volumes: expected at least one map, got 0");
});

test("images without contrast and single points are drawn all the same", () => {
  expect(particleMontage({ images: new Float32Array(16), box: 4, pixelSizeAngstrom: 1 }).svg).toContain("<image");
  expect(latentScatter({ x: [1], y: [1], values: [3] }).svg).not.toContain("NaN");
  expect(classOccupancy([0, 0]).svg).not.toContain("NaN");
});

test("a scatter of many points lies on the density of all and holds a sample with its true indices and places", () => {
  const count = 60_000;
  const x = Float32Array.from({ length: count }, (_, i) => i);
  const figure = latentScatter({ x, y: x.map((v) => -v), categories: Array.from(x, (v) => (v < 15_000 ? 1 : 2)) });
  const { data, layout } = figure.plotly as unknown as {
    data: { x: number[]; y: number[]; customdata: number[] }[];
    layout: { images: { source: string; x: number; sizex: number; y: number; sizey: number }[] };
  };
  expect(data.flatMap((trace) => trace.customdata)).toHaveLength(10_000);
  expect(data[0]!.customdata.length / 10_000).toBeCloseTo(0.25, 1);
  for (const trace of data)
    for (const i of [0, 99])
      expect([trace.x[i], trace.y[i]].map((v) => Math.abs(Math.abs(v!) - trace.customdata[i]!) < 1)).toEqual([
        true,
        true,
      ]);
  const [picture] = layout.images;
  expect(picture!.source).toMatch(/^data:image\/png/);
  // The corners of the picture are the ends of the axes, 4 % beyond the points.
  expect([picture!.x, picture!.y, picture!.sizex, picture!.sizey].map(Math.round)).toEqual([-2400, 2400, 64799, 64799]);
  expect(figure.svg).toContain(picture!.source);
});
