/**
 * @file Exact Euclidean distance of every voxel to the nearest marked one (Felzenszwalb & Huttenlocher 2012).
 *
 * The squared distance is separable: along each axis in turn, the lower envelope of the parabolas that stand on the values so far.
 */

/** Float64[box box box]: squared distance in voxels to the nearest voxel with `marked` ≠ 0; Infinity where there is none. */
export function squaredDistances(marked: ArrayLike<number>, box: number): Float64Array {
  const squares = Float64Array.from(marked, (m) => (m !== 0 ? 0 : Number.POSITIVE_INFINITY));
  const line = new Float64Array(box);
  const envelope = { at: new Int32Array(box), from: new Float64Array(box + 1) };
  for (let stride = 1; stride < squares.length; stride *= box)
    for (let start = 0; start < squares.length; start++) {
      if (Math.floor(start / stride) % box !== 0) continue;
      for (let i = 0; i < box; i++) line[i] = squares[start + i * stride]!;
      lineInto(squares, start, stride, line, envelope);
    }
  return squares;
}

/** min over j of line[j] + (i − j)². `at` holds the parabolas of the envelope, `from` where each begins to be the lowest. */
function lineInto(
  out: Float64Array,
  start: number,
  stride: number,
  line: Float64Array,
  { at, from }: { at: Int32Array; from: Float64Array },
): void {
  const count = line.length;
  let last = -1;
  for (let j = 0; j < count; j++) {
    if (line[j] === Number.POSITIVE_INFINITY) continue;
    let begin = Number.NEGATIVE_INFINITY;
    while (last >= 0) {
      const other = at[last]!;
      begin = (line[j]! + j * j - line[other]! - other * other) / (2 * (j - other));
      if (begin > from[last]!) break;
      last--;
    }
    last++;
    at[last] = j;
    from[last] = last === 0 ? Number.NEGATIVE_INFINITY : begin;
  }
  if (last < 0) return;
  for (let i = 0, k = 0; i < count; i++) {
    while (k < last && from[k + 1]! < i) k++;
    const j = at[k]!;
    out[start + i * stride] = line[j]! + (i - j) ** 2;
  }
}
