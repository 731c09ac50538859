/**
 * @file Half-precision numbers (IEEE 754 binary16), 16 bits → number. MRC mode 12 stores them.
 *
 *     value = (−1)^s · 2^(e−15) · (1 + f/1024)   for 0 < e < 31;   (−1)^s · 2^−14 · f/1024   for e = 0
 */

let table: Float32Array | undefined;

/** Float32[65536]: entry i is the value of the half with bit pattern i. Made at the first call. */
export function float16Table(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => decodeFloat16(bits));
  return table;
}

function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}
