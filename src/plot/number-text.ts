/** @file Numbers as people read them in labels and text, and as Plotly's JSON carries them. */

/** Four significant digits, no trailing zeros; thousands separated from 10,000 on. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(value);
  if (Math.abs(value) >= 10_000) return grouped(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

/** 0.4567 → "45.7 %". */
export function percentText(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** Plain numbers with as many decimals as `step` has use for: keeps the JSON of a figure small. */
export function roundedTo(values: ArrayLike<number>, step: number): number[] {
  const digits = Math.max(0, Math.min(12, Math.ceil(-Math.log10(step))));
  const scale = 10 ** digits;
  return Array.from(values, (v) => Math.round(v * scale) / scale + 0); // + 0: JSON has no −0
}

/** Plain numbers, accurate to a thousandth of their range. */
export function compactNumbers(values: ArrayLike<number>): number[] {
  const [low, high] = extent(values);
  return roundedTo(values, high > low ? (high - low) / 1000 : Math.max(1e-12, Math.abs(high) / 1e6));
}

/** Smallest and largest finite value; [0, 1] when there is none. */
export function extent(values: ArrayLike<number>): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low) low = v;
    if (v > high && v < Number.POSITIVE_INFINITY) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, Math.abs(value) >= 10_000 ? "," : "");
}
