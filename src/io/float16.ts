/**
 * @file Half-precision numbers (IEEE 754 binary16), 16 bits ⇄ number. MRC mode 12 stores them.
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

const bits = new DataView(new ArrayBuffer(4));

/** The 16 bits of the half nearest to `value` (of two, the even one); beyond 65,504 infinity. */
export function encodeFloat16(value: number): number {
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 2¹⁶ and more
  // Below 2⁻¹⁴ halves are multiples of 2⁻²⁴.
  if (magnitude < 0x38800000) return sign | roundHalfToEven(Math.abs(value) * 2 ** 24);
  const kept = magnitude - 0x38000000; // exponent 127 becomes 15
  const [half, rest] = [kept >>> 13, kept & 0x1fff];
  return sign | (half + (rest > 0x1000 || (rest === 0x1000 && (half & 1) === 1) ? 1 : 0));
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}
