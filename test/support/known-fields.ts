/** @file Fields whose values are known exactly, and transforms in closed form. */
import { type Field, type FieldConfig, fieldShapes } from "../../src/field/field.js";

type Point = readonly [x: number, y: number, z: number];

/** Hartley transform of a unit point at p: cos 2πk·p + sin 2πk·p. */
export function pointHartley(k: ArrayLike<number>, [x, y, z]: Point): number {
  const phase = 2 * Math.PI * (k[0]! * x + k[1]! * y + k[2]! * z);
  return Math.cos(phase) + Math.sin(phase);
}

/**
 * A network that is the Hartley transform of unit points, exactly: ReLU(u) − ReLU(−u) = u, and an identity in
 * the residual layer keeps what is positive.
 */
export function fieldOfPoints(points: readonly Point[], zDim = 0): Field {
  const count = points.length;
  const config: FieldConfig = { zDim, frequencies: count, width: 2, depth: 1, supportPixels: 1 };
  const weights: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(fieldShapes(config)))
    weights[name] = new Float32Array(shape.reduce((a, b) => a * b, 1));
  weights["basis"]!.set(points.flat());
  for (let j = 0; j < 2 * count; j++) weights["input.weight"]!.set([1, -1], 2 * j);
  // One unit of the first latent adds one to f.
  if (zDim > 0) weights["input.latent"]!.set([1, -1]);
  weights["residual.0.weight"]!.set([1, 0, 0, 1]);
  weights["output.weight"]!.set([1, -1]);
  return { kind: "field", config, weights };
}
