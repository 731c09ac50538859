/** @file AssemblyScript: the slice compared with the centred image: scores, scores of moves, and sums of the normal equations. */
import { addTo, centredIm, centredRe, groups, kx, ky, sliceIm, sliceRe, spinIm, spinRe, squares, sums, thirdIm, thirdRe } from "./room";
import { across, add, cosine, halfTurns, mul, sine, sub } from "./vectors";

/** Bytes of a row that are summed in single precision, before doubles take over. */
const BLOCK: usize = 1024;

/** Σ Re(conj(S) y) − ½ C² |S|² of the slice and the centred image. */
export function score(points: i32): f64 {
  const half = f32x4.splat(0.5);
  const end = groups(points);
  let total: f64 = 0;
  for (let from: usize = 0; from < end; from += BLOCK) {
    const to = min(end, from + BLOCK);
    let sum = f32x4.splat(0);
    for (let p = from; p < to; p += 16) {
      const re = v128.load(sliceRe + p);
      const im = v128.load(sliceIm + p);
      const weight = mul(half, v128.load(squares + p));
      sum = add(sum, mul(re, sub(v128.load(centredRe + p), mul(weight, re))));
      sum = add(sum, mul(im, sub(v128.load(centredIm + p), mul(weight, im))));
    }
    total += across(sum);
  }
  return total;
}

/** Scores of the slice at the 3×3 shifts (−step, 0, step), x fastest, into `sums`: f64[9]. `step` in parts of the box. */
export function moves(points: i32, step: f32): void {
  const half = f32x4.splat(0.5);
  const two = f32x4.splat(2);
  const one = f32x4.splat(1);
  const end = groups(points);
  memory.fill(sums, 0, 72);
  for (let from: usize = 0; from < end; from += BLOCK) {
    const to = min(end, from + BLOCK);
    let norm = f32x4.splat(0);
    let m0 = norm;
    let m1 = norm;
    let m2 = norm;
    let m3 = norm;
    let m4 = norm;
    let m5 = norm;
    let m6 = norm;
    let m7 = norm;
    let m8 = norm;
    for (let p = from; p < to; p += 16) {
      const re = v128.load(sliceRe + p);
      const im = v128.load(sliceIm + p);
      const yr = v128.load(centredRe + p);
      const yi = v128.load(centredIm + p);
      norm = add(norm, mul(mul(half, v128.load(squares + p)), add(mul(re, re), mul(im, im))));
      const a = add(mul(re, yr), mul(im, yi));
      const b = sub(mul(re, yi), mul(im, yr));
      let x = halfTurns(mul(v128.load(kx + p), f32x4.splat(step)));
      let s = sine(x);
      let c = cosine(x);
      let sin = mul(two, mul(s, c));
      let cos = sub(one, mul(two, mul(s, s)));
      const ac = mul(a, cos);
      const bs = mul(b, sin);
      const bc = mul(b, cos);
      const as = mul(a, sin);
      x = halfTurns(mul(v128.load(ky + p), f32x4.splat(step)));
      s = sine(x);
      c = cosine(x);
      sin = mul(two, mul(s, c));
      cos = sub(one, mul(two, mul(s, s)));
      // Moved by −step, 0 and step along x; then each along y.
      const r0 = mul(add(ac, bs), cos);
      const i0 = mul(sub(bc, as), sin);
      const r1 = mul(a, cos);
      const i1 = mul(b, sin);
      const r2 = mul(sub(ac, bs), cos);
      const i2 = mul(add(bc, as), sin);
      m0 = add(m0, add(r0, i0));
      m1 = add(m1, add(r1, i1));
      m2 = add(m2, add(r2, i2));
      m3 = add(m3, add(ac, bs));
      m4 = add(m4, a);
      m5 = add(m5, sub(ac, bs));
      m6 = add(m6, sub(r0, i0));
      m7 = add(m7, sub(r1, i1));
      m8 = add(m8, sub(r2, i2));
    }
    const less = across(norm);
    addTo(0, across(m0) - less);
    addTo(1, across(m1) - less);
    addTo(2, across(m2) - less);
    addTo(3, across(m3) - less);
    addTo(4, across(m4) - less);
    addTo(5, across(m5) - less);
    addTo(6, across(m6) - less);
    addTo(7, across(m7) - less);
    addTo(8, across(m8) - less);
  }
}

/**
 * The sums that the normal equations are made of (normal-equations.ts), into `sums`: f64[19]. With d = y − C²S, T the
 * third derivative, N the spin, c = C², × the imaginary part of conj(a) b, the other way round:
 *
 *     Σ v Re T*d, u Re T*d, Re N*d, u Im S*y, v Im S*y | c|T|² (vv uv uu), c Re T*N (v u), c|N|²
 *     | c Im T*S (uv vv uu), c Im N*S (u v), c|S|² (uu uv vv)
 */
export function moments(points: i32): void {
  const end = groups(points);
  memory.fill(sums, 0, 152);
  for (let from: usize = 0; from < end; from += BLOCK) {
    const to = min(end, from + BLOCK);
    let g0 = f32x4.splat(0);
    let g1 = g0;
    let g2 = g0;
    let g3 = g0;
    let g4 = g0;
    let tvv = g0;
    let tuv = g0;
    let tuu = g0;
    let tnv = g0;
    let tnu = g0;
    let nn = g0;
    let tsuv = g0;
    let tsvv = g0;
    let tsuu = g0;
    let nsu = g0;
    let nsv = g0;
    let suu = g0;
    let suv = g0;
    let svv = g0;
    for (let p = from; p < to; p += 16) {
      const u = v128.load(kx + p);
      const v = v128.load(ky + p);
      const c = v128.load(squares + p);
      const yr = v128.load(centredRe + p);
      const yi = v128.load(centredIm + p);
      const re = v128.load(sliceRe + p);
      const im = v128.load(sliceIm + p);
      const tr = v128.load(thirdRe + p);
      const ti = v128.load(thirdIm + p);
      const nr = v128.load(spinRe + p);
      const ni = v128.load(spinIm + p);
      const dr = sub(yr, mul(c, re));
      const di = sub(yi, mul(c, im));
      const td = add(mul(tr, dr), mul(ti, di));
      g0 = add(g0, mul(v, td));
      g1 = add(g1, mul(u, td));
      g2 = add(g2, add(mul(nr, dr), mul(ni, di)));
      const crossed = sub(mul(im, yr), mul(re, yi));
      g3 = add(g3, mul(u, crossed));
      g4 = add(g4, mul(v, crossed));
      const uu = mul(u, u);
      const uv = mul(u, v);
      const vv = mul(v, v);
      const tt = mul(c, add(mul(tr, tr), mul(ti, ti)));
      tvv = add(tvv, mul(vv, tt));
      tuv = add(tuv, mul(uv, tt));
      tuu = add(tuu, mul(uu, tt));
      const tn = mul(c, add(mul(tr, nr), mul(ti, ni)));
      tnv = add(tnv, mul(v, tn));
      tnu = add(tnu, mul(u, tn));
      nn = add(nn, mul(c, add(mul(nr, nr), mul(ni, ni))));
      const ts = mul(c, sub(mul(im, tr), mul(re, ti)));
      tsuv = add(tsuv, mul(uv, ts));
      tsvv = add(tsvv, mul(vv, ts));
      tsuu = add(tsuu, mul(uu, ts));
      const ns = mul(c, sub(mul(im, nr), mul(re, ni)));
      nsu = add(nsu, mul(u, ns));
      nsv = add(nsv, mul(v, ns));
      const ss = mul(c, add(mul(re, re), mul(im, im)));
      suu = add(suu, mul(uu, ss));
      suv = add(suv, mul(uv, ss));
      svv = add(svv, mul(vv, ss));
    }
    addTo(0, across(g0));
    addTo(1, across(g1));
    addTo(2, across(g2));
    addTo(3, across(g3));
    addTo(4, across(g4));
    addTo(5, across(tvv));
    addTo(6, across(tuv));
    addTo(7, across(tuu));
    addTo(8, across(tnv));
    addTo(9, across(tnu));
    addTo(10, across(nn));
    addTo(11, across(tsuv));
    addTo(12, across(tsvv));
    addTo(13, across(tsuu));
    addTo(14, across(nsu));
    addTo(15, across(nsv));
    addTo(16, across(suu));
    addTo(17, across(suv));
    addTo(18, across(svv));
  }
}
