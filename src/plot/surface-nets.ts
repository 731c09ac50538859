/**
 * @file A surface of constant density as triangles: naive surface nets (Gibson 1998).
 *
 * One vertex per cell that the surface crosses, at the mean of its crossings of the cell's edges; one quadrilateral per
 * crossed edge. About half the triangles of marching cubes, no slivers, no table. The npm libraries for it have been
 * without a release for ten years.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";

export interface SurfaceMesh {
  readonly kind: "surface-mesh";
  /** Float32[vertices 3] (x, y, z), Å from the centre of the box. */
  readonly positions: Float32Array;
  /** Float32[vertices 3], unit, pointing towards lower density. */
  readonly normals: Float32Array;
  /** Uint32[triangles 3]. */
  readonly triangles: Uint32Array;
}

/** The surface where density = `level`, denser inside. Open where it meets the side of the box. */
export function surfaceMesh(volume: Volume, level: number): SurfaceMesh {
  const { box, values, pixelSizeAngstrom } = volume;
  check(values.length === box ** 3, "volume.values", `${box}³ numbers`, values.length);
  const vertexOfCell = new Int32Array(box ** 3).fill(-1);
  const positions: number[] = [];
  const normals: number[] = [];
  const steps = [1, box, box * box] as const;
  for (let z = 0; z < box - 1; z++)
    for (let y = 0; y < box - 1; y++)
      for (let x = 0; x < box - 1; x++) {
        const cell = (z * box + y) * box + x;
        const crossing = meanCrossing(values, cell, steps, level);
        if (crossing === undefined) continue;
        vertexOfCell[cell] = positions.length / 3;
        [x, y, z].forEach((p, axis) => {
          positions.push((p + crossing[axis]! - box / 2) * pixelSizeAngstrom);
        });
        normals.push(...slope(values, cell, steps));
      }
  const triangles: number[] = [];
  for (let z = 1; z < box - 1; z++)
    for (let y = 1; y < box - 1; y++)
      for (let x = 1; x < box - 1; x++) {
        const at = (z * box + y) * box + x;
        for (let axis = 0; axis < 3; axis++) {
          const inside = values[at]! > level;
          if (inside === values[at + steps[axis]!]! > level) continue;
          const [u, v] = [steps[(axis + 1) % 3]!, steps[(axis + 2) % 3]!];
          const corner = [at - u - v, at - v, at, at - u].map((cell) => vertexOfCell[cell]!);
          const [a, b, c, d] = (inside ? corner : corner.reverse()) as [number, number, number, number];
          triangles.push(a, b, c, a, c, d);
        }
      }
  return {
    kind: "surface-mesh",
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    triangles: Uint32Array.from(triangles),
  };
}

/** The twelve edges of a cell: corner (bits x, y, z) and axis. */
const EDGES = [0, 1, 2].flatMap((axis) =>
  [0, 1, 2, 3, 4, 5, 6, 7].filter((corner) => ((corner >> axis) & 1) === 0).map((corner) => [corner, axis] as const),
);

/** Mean of the points (0..1 in the cell) where the surface crosses its edges; undefined where it does not. */
function meanCrossing(
  values: Float32Array,
  cell: number,
  steps: readonly [number, number, number],
  level: number,
): readonly [number, number, number] | undefined {
  let inside = 0;
  for (let corner = 0; corner < 8; corner++) if (values[cell + offset(corner, steps)]! > level) inside++;
  if (inside === 0 || inside === 8) return undefined;
  const sum = [0, 0, 0];
  let crossings = 0;
  for (const [corner, axis] of EDGES) {
    const a = values[cell + offset(corner, steps)]!;
    const b = values[cell + offset(corner, steps) + steps[axis]!]!;
    if (a > level === b > level) continue;
    for (let c = 0; c < 3; c++) sum[c]! += c === axis ? (level - a) / (b - a) : (corner >> c) & 1;
    crossings++;
  }
  return [sum[0]! / crossings, sum[1]! / crossings, sum[2]! / crossings];
}

/** Unit vector down the density, from the mean differences across the cell. */
function slope(values: Float32Array, cell: number, steps: readonly [number, number, number]): number[] {
  const gradient = [0, 0, 0];
  for (let corner = 0; corner < 8; corner++)
    for (let c = 0; c < 3; c++)
      gradient[c]! += values[cell + offset(corner, steps)]! * (((corner >> c) & 1) === 0 ? 1 : -1);
  const norm = Math.hypot(...gradient) || 1;
  return gradient.map((g) => g / norm);
}

function offset(corner: number, steps: readonly [number, number, number]): number {
  return (corner & 1) * steps[0] + ((corner >> 1) & 1) * steps[1] + ((corner >> 2) & 1) * steps[2];
}
