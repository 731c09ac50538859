/** @file A map blurred by a Gaussian, axis by axis, in real space; what lies outside the box is 0. */

/** Float32[box box box] convolved with a normalised Gaussian of standard deviation `sigma` voxels, cut at 3 σ. */
export function gaussianBlurred(values: Float32Array, box: number, sigma: number): Float32Array {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / sigma) ** 2) / 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  const out = values.slice();
  const line = new Float64Array(box + 2 * reach);
  for (let stride = 1; stride < out.length; stride *= box)
    for (let start = 0; start < out.length; start++) {
      if (Math.floor(start / stride) % box !== 0) continue;
      for (let i = 0; i < box; i++) line[reach + i] = out[start + i * stride]!;
      for (let i = 0; i < box; i++) {
        let total = 0;
        for (let j = 0; j < kernel.length; j++) total += kernel[j]! * line[i + j]!;
        out[start + i * stride] = total / sum;
      }
    }
  return out;
}
