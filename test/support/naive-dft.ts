/** @file The discrete Fourier transform as its definition says, term by term: the oracle of imaging/fourier.ts. */

/** n^(−d/2) Σ_x I(x) exp(−2πi k·(x − n/2)/n) for wrapped k, DC first: Float64[side^rank 2]. */
export function naiveDft(values: ArrayLike<number>, side: number, rank: 2 | 3): Float64Array {
  const total = side ** rank;
  const digits = (index: number): number[] =>
    Array.from({ length: 3 }, (_, axis) => Math.floor(index / side ** axis) % side);
  const places = Array.from({ length: total }, (_, i) => digits(i));
  const out = new Float64Array(2 * total);
  const centre = rank === 2 ? [side / 2, side / 2, 0] : [side / 2, side / 2, side / 2];
  for (let k = 0; k < total; k++)
    for (let x = 0; x < total; x++) {
      let turns = 0;
      for (let axis = 0; axis < rank; axis++) turns += (places[k]![axis]! * (places[x]![axis]! - centre[axis]!)) / side;
      const angle = -2 * Math.PI * turns;
      out[2 * k]! += (values[x]! * Math.cos(angle)) / Math.sqrt(total);
      out[2 * k + 1]! += (values[x]! * Math.sin(angle)) / Math.sqrt(total);
    }
  return out;
}
