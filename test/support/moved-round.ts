/** @file Images displaced in real space, as other programs do it. */

/** Displaced by (x, y) pixels, bilinearly; what leaves on one side enters on the other, as in a Fourier shift. */
export function movedRound(image: Float32Array, box: number, [dx, dy]: readonly [number, number]): Float32Array {
  const pixel = (x: number, y: number): number => image[((y + box) % box) * box + ((x + box) % box)]!;
  return Float32Array.from(image, (_, i) => {
    const [x, y] = [(i % box) - dx, Math.floor(i / box) - dy];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - x0, y - y0];
    const upper = (1 - u) * pixel(x0, y0) + u * pixel(x0 + 1, y0);
    const lower = (1 - u) * pixel(x0, y0 + 1) + u * pixel(x0 + 1, y0 + 1);
    return (1 - v) * upper + v * lower;
  });
}
