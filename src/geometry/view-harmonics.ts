/** @file What depends smoothly on the direction from which a particle is seen. */

/**
 * 1 and the spherical harmonics of degree 1 and 2 (real, not normalised) of the viewing direction (x, y, w), the third row
 * of the rotation: 9 numbers.
 */
export function viewHarmonics(x: number, y: number, w: number): number[] {
  return [1, x, y, w, x * y, y * w, w * x, x * x - y * y, 3 * w * w - 1];
}
