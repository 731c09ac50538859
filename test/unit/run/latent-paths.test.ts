import { expect, test } from "vitest";
import { latentSpace } from "../../../src/latent/latent-space.js";
import { pathAlongAxis, pathBetween } from "../../../src/run/latent-paths.js";

/** Every second particle is of class 2: 60 of them on three quarters of a circle of radius 2 about (5, −1). */
const angles = Array.from({ length: 60 }, (_, i) => (1.5 * Math.PI * i) / 59);
const arc = angles.flatMap((a) => [5 + 2 * Math.cos(a), -1 + 2 * Math.sin(a)]);
const z = Float32Array.from({ length: 240 }, (_, i) => (i % 4 < 2 ? i : arc[2 * Math.floor(i / 4) + (i % 4) - 2]!));
const classes = Int32Array.from({ length: 120 }, (_, i) => i % 2);
const keys = Array.from({ length: 120 }, (_, i) => `${i}@stack`);
const space = latentSpace({ keys, zDim: 2, assignments: { classes, z } }, 2);

test("an axis leads from the 5 % to the 95 % quantile of the class, through its mean, at equal steps", () => {
  const path = pathAlongAxis(space, 2, 5);
  const mean = arc.filter((_, i) => i % 2 === 0).reduce((sum, v) => sum + v / 60, 0);
  for (const [first] of path) expect(first).toBeCloseTo(mean, 5);
  const sorted = arc.filter((_, i) => i % 2 === 1).sort((a, b) => a - b);
  const steps = path.map((point) => point[1]!);
  expect([steps[0], steps[4]].map((v) => v!.toFixed(5))).toEqual([sorted[3], sorted[56]].map((v) => v!.toFixed(5)));
  expect(steps[2]).toBeCloseTo((steps[0]! + steps[4]!) / 2, 6);
  expect(() => pathAlongAxis(space, 3)).toThrow("axis: expected a coordinate from 1 to 2, got 3");
});

test("a class that does not move has no axis", () => {
  const rigid = latentSpace({ keys, zDim: 2, assignments: { classes, z: new Float32Array(240) } }, 1);
  expect(() => pathAlongAxis(rigid, 1)).toThrow(
    "class 1: expected particles that differ along axis 1, got the same z for all",
  );
});

test("between two particles the data are followed round the circle at an even pace, a straight line cuts across", () => {
  const [from, to] = ["1@stack", 119]; // the first and the last particle of the class
  const radius = ([x, y]: Float64Array): number => Math.hypot(x! - 5, y! + 1);
  const along = pathBetween(space, from, to, { frames: 9, neighbours: 3 });
  for (const point of along) expect(radius(point)).toBeCloseTo(2, 1);
  const turns = along.map(([x, y]) => (Math.atan2(y! + 1, x! - 5) + 2 * Math.PI) % (2 * Math.PI));
  turns.forEach((turn, f) => {
    expect(turn).toBeCloseTo((1.5 * Math.PI * f) / 8, 1);
  });
  const straight = pathBetween(space, from, to, { frames: 3, way: "straight" });
  expect(straight.map((point) => [...point].map((v) => Number(v.toFixed(5))))).toEqual([
    [7, -1],
    [6, -2],
    [5, -3],
  ]);
});

test("particles of another class, none, and the same twice are refused", () => {
  expect(() => pathBetween(space, 0, 119)).toThrow(
    "from: expected a particle of class 2, by key or position from 0, got 0",
  );
  expect(() => pathBetween(space, 1, "x")).toThrow(
    "to: expected a particle of class 2, by key or position from 0, got x",
  );
  expect(() => pathBetween(space, 1, 1)).toThrow("to: expected a particle with another z than that of `from`, got 1");
});
