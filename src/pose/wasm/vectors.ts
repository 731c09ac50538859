/** @file AssemblyScript: arithmetic on four numbers at a time, and waves by their series. */

@inline
export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

@inline
export function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

@inline
export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

/** One of the four, four times. */
@inline
export function lane0(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 0, 0, 0, 0);
}

@inline
export function lane1(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 1, 1, 1, 1);
}

@inline
export function lane2(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 2, 2, 2);
}

@inline
export function lane3(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 3, 3, 3, 3);
}

/** First halves of a and b, or second. */
@inline
export function low(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}

@inline
export function high(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7);
}

/** a at f = 0, b at f = 1. */
@inline
export function between(a: v128, b: v128, f: v128): v128 {
  return add(a, mul(f, sub(b, a)));
}

/** π times what a number of turns has beyond the nearest whole: half the angle, within ± π/2. */
@inline
export function halfTurns(turns: v128): v128 {
  return mul(f32x4.splat(<f32>Math.PI), sub(turns, f32x4.nearest(turns)));
}

/** sin x, |x| ≤ π/2, by its series. */
@inline
export function sine(x: v128): v128 {
  const q = mul(x, x);
  let s = f32x4.splat(-1 / 39916800);
  s = add(f32x4.splat(1 / 362880), mul(q, s));
  s = add(f32x4.splat(-1 / 5040), mul(q, s));
  s = add(f32x4.splat(1 / 120), mul(q, s));
  s = add(f32x4.splat(-1 / 6), mul(q, s));
  return mul(x, add(f32x4.splat(1), mul(q, s)));
}

/** cos x, |x| ≤ π/2, by its series. */
@inline
export function cosine(x: v128): v128 {
  const q = mul(x, x);
  let s = f32x4.splat(1 / 479001600);
  s = add(f32x4.splat(-1 / 3628800), mul(q, s));
  s = add(f32x4.splat(1 / 40320), mul(q, s));
  s = add(f32x4.splat(-1 / 720), mul(q, s));
  s = add(f32x4.splat(1 / 24), mul(q, s));
  s = add(f32x4.splat(-1 / 2), mul(q, s));
  return add(f32x4.splat(1), mul(q, s));
}

/** Sum of the four, in double precision. */
@inline
export function across(a: v128): f64 {
  const left = <f64>f32x4.extract_lane(a, 0) + <f64>f32x4.extract_lane(a, 1);
  return left + (<f64>f32x4.extract_lane(a, 2) + <f64>f32x4.extract_lane(a, 3));
}
