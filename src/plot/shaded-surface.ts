/** @file A shaded picture of a mesh seen along an axis: orthographic z-buffer with interpolated normals, smoothed by four. */
import type { Rgb } from "./palette.js";
import { blankRaster, type Raster } from "./raster.js";
import type { SurfaceMesh } from "./surface-nets.js";

/** Rows: the picture's x (right), y (down) and the direction towards the viewer, in the mesh's axes. */
export type View = readonly [right: readonly number[], down: readonly number[], towards: readonly number[]];

const LIGHT = normalised([-0.45, -0.65, 0.85]);
const SUPERSAMPLING = 2;
/** Colours are rounded to this: no eye sees it, and the PNG takes half the bytes. */
const COLOUR_STEP = 6;

/** What a triangle is drawn with: vertices and normals as the viewer sees them, and the picture so far. */
interface Scene {
  readonly raster: Raster;
  readonly depth: Float32Array;
  readonly points: Float32Array;
  readonly normals: Float32Array;
  readonly colour: Rgb;
  readonly reach: number;
}

/** Raster of `side` pixels that shows ±`reach` Å around the centre; transparent where there is no surface. */
export function shadedSurface(mesh: SurfaceMesh, view: View, side: number, reach: number, colour: Rgb): Raster {
  const size = side * SUPERSAMPLING;
  const raster = blankRaster(size, size);
  const scene: Scene = {
    raster,
    depth: new Float32Array(size * size).fill(Number.NEGATIVE_INFINITY),
    points: projected(mesh.positions, view, (v, axis) => (axis < 2 ? ((v / reach + 1) / 2) * size : v)),
    normals: projected(mesh.normals, view, (v) => v),
    colour,
    reach,
  };
  const { triangles } = mesh;
  for (let t = 0; t < triangles.length; t += 3)
    fillTriangle(scene, 3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!);
  return halved(raster, side);
}

/** Every pixel whose centre lies in the triangle of the vertices at a, b, c and in front of what is there. */
function fillTriangle(scene: Scene, a: number, b: number, c: number): void {
  const { raster, depth, points, normals } = scene;
  const [ax, ay, bx, by] = [points[a]!, points[a + 1]!, points[b]!, points[b + 1]!];
  const [cx, cy] = [points[c]!, points[c + 1]!];
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (Math.abs(area) < 1e-9) return;
  const size = raster.width;
  const [left, top] = [Math.max(0, Math.floor(Math.min(ax, bx, cx))), Math.max(0, Math.floor(Math.min(ay, by, cy)))];
  const right = Math.min(size - 1, Math.ceil(Math.max(ax, bx, cx)));
  const bottom = Math.min(size - 1, Math.ceil(Math.max(ay, by, cy)));
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area;
      const wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area;
      const wc = 1 - wa - wb;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      const z = wa * points[a + 2]! + wb * points[b + 2]! + wc * points[c + 2]!;
      if (z <= depth[y * size + x]!) continue;
      depth[y * size + x] = z;
      const nx = wa * normals[a]! + wb * normals[b]! + wc * normals[c]!;
      const ny = wa * normals[a + 1]! + wb * normals[b + 1]! + wc * normals[c + 1]!;
      const nz = wa * normals[a + 2]! + wb * normals[b + 2]! + wc * normals[c + 2]!;
      lightInto(scene, y * size + x, [nx, ny, nz], z);
    }
}

/** Diffuse light from the upper left, a soft highlight, and a little darker far away. */
function lightInto(
  { raster, colour, reach }: Scene,
  pixel: number,
  normal: readonly [number, number, number],
  z: number,
): void {
  const [x, y, nz] = normal;
  const norm = Math.sqrt(x * x + y * y + nz * nz) || 1;
  const diffuse = Math.max(0, (x * LIGHT[0]! + y * LIGHT[1]! + nz * LIGHT[2]!) / norm);
  const highlight = Math.max(0, (2 * diffuse * nz) / norm - LIGHT[2]!) ** 12;
  const shade = (0.42 + 0.68 * diffuse) * (0.88 + (0.12 * z) / reach);
  for (let c = 0; c < 3; c++) {
    const pale = 0.72 * colour[c]! + 0.28 * 255;
    raster.pixels[4 * pixel + c] = Math.max(0, Math.min(255, pale * shade + 60 * highlight));
  }
  raster.pixels[4 * pixel + 3] = 255;
}

function projected(vectors: Float32Array, view: View, map: (value: number, axis: number) => number): Float32Array {
  const out = new Float32Array(vectors.length);
  for (let i = 0; i < vectors.length; i += 3)
    for (let axis = 0; axis < 3; axis++) {
      const row = view[axis]!;
      out[i + axis] = map(row[0]! * vectors[i]! + row[1]! * vectors[i + 1]! + row[2]! * vectors[i + 2]!, axis);
    }
  return out;
}

/** Mean of each block of pixels, colours weighted by opacity. */
function halved(raster: Raster, side: number): Raster {
  const out = blankRaster(side, side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const sum = [0, 0, 0, 0];
      for (let dy = 0; dy < SUPERSAMPLING; dy++)
        for (let dx = 0; dx < SUPERSAMPLING; dx++) {
          const at = 4 * ((y * SUPERSAMPLING + dy) * raster.width + x * SUPERSAMPLING + dx);
          const opacity = raster.pixels[at + 3]! / 255;
          for (let c = 0; c < 3; c++) sum[c]! += raster.pixels[at + c]! * opacity;
          sum[3]! += opacity;
        }
      if (sum[3] === 0) continue;
      const opacity = (255 * sum[3]!) / SUPERSAMPLING ** 2;
      const [r = 0, g = 0, b = 0] = sum.map((c) => COLOUR_STEP * Math.round(c / sum[3]! / COLOUR_STEP));
      out.pixels.set([Math.min(255, r), Math.min(255, g), Math.min(255, b), opacity], 4 * (y * side + x));
    }
  return out;
}

function normalised(v: readonly number[]): readonly number[] {
  const norm = Math.hypot(...v) || 1;
  return v.map((c) => c / norm);
}
