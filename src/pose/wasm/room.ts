/**
 * @file AssemblyScript: where the image, the slice and the raster lie in memory; slicer.ts lays them out.
 *
 * A room holds one image and one slice, in rows of f32, one number per point; after them some sums in f64. Rows are
 * worked through in groups of four. A slice is zero beyond its last point, so that what the last group holds there
 * adds nothing.
 */

export let kx: usize;
export let ky: usize;
export let imageRe: usize;
export let imageIm: usize;
export let squares: usize;
export let centredRe: usize;
export let centredIm: usize;
export let sliceRe: usize;
export let sliceIm: usize;
export let thirdRe: usize;
export let thirdIm: usize;
export let spinRe: usize;
export let spinIm: usize;
export let sums: usize;

export let raster: usize;
export let size: i32;
export let oversampling: f32;

/** Rows of `capacity` points (a multiple of 4) from `at` on, in the order of the names above; the raster at `values`. */
export function open(at: usize, capacity: i32, values: usize, rasterSize: i32, cellsPerPixel: f32): void {
  const row = <usize>capacity << 2;
  kx = at;
  ky = kx + row;
  imageRe = ky + row;
  imageIm = imageRe + row;
  squares = imageIm + row;
  centredRe = squares + row;
  centredIm = centredRe + row;
  sliceRe = centredIm + row;
  sliceIm = sliceRe + row;
  thirdRe = sliceIm + row;
  thirdIm = thirdRe + row;
  spinRe = thirdIm + row;
  spinIm = spinRe + row;
  sums = spinIm + row;
  raster = values;
  size = rasterSize;
  oversampling = cellsPerPixel;
}

/** Bytes of a row up to the end of the group of the last point. */
@inline
export function groups(points: i32): usize {
  return <usize>((points + 3) >> 2) << 4;
}

/** Add to one of the sums. */
@inline
export function addTo(slot: i32, value: f64): void {
  const at = sums + (slot << 3);
  store<f64>(at, load<f64>(at) + value);
}

/** Zeros from the last point to the end of its group. */
@inline
export function clearTail(row: usize, points: i32): void {
  for (let p = points; (p & 3) !== 0; p++) store<f32>(row + (<usize>p << 2), 0);
}
