/**
 * @file AssemblyScript: central slices of a raster (imaging/fourier-raster.ts) by trilinear look-up, and the image
 * moved to meet them.
 *
 * In the raster re and im of two neighbours along x lie side by side, so the eight neighbours of a point are four
 * loads: edges along x, blended along y and z four numbers at a time, then along x.
 */
import {
  centredIm, centredRe, clearTail, groups, imageIm, imageRe, kx, ky, oversampling, raster, size, sliceIm, sliceRe,
  spinIm, spinRe, sums, thirdIm, thirdRe,
} from "./room";
import { add, between, cosine, halfTurns, high, lane0, lane1, lane2, lane3, low, mul, sine, sub } from "./vectors";

/** The image moved back by (tx, ty), parts of the box: centred = image · exp(+2πi k·t). */
export function centre(points: i32, tx: f32, ty: f32): void {
  const end = groups(points);
  for (let p: usize = 0; p < end; p += 16) {
    const x = halfTurns(add(mul(v128.load(kx + p), f32x4.splat(tx)), mul(v128.load(ky + p), f32x4.splat(ty))));
    const s = sine(x);
    const c = cosine(x);
    const sin = mul(f32x4.splat(2), mul(s, c));
    const cos = sub(f32x4.splat(1), mul(f32x4.splat(2), mul(s, s)));
    const re = v128.load(imageRe + p);
    const im = v128.load(imageIm + p);
    v128.store(centredRe + p, sub(mul(re, cos), mul(im, sin)));
    v128.store(centredIm + p, add(mul(re, sin), mul(im, cos)));
  }
}

/** The slice whose rotation has the rows (a, b). */
export function slice(points: i32, a0: f32, a1: f32, a2: f32, b0: f32, b1: f32, b2: f32): void {
  const end = groups(points);
  const middle = f32x4.splat(<f32>(size >> 1));
  const stepY: usize = size << 3;
  const stepZ: usize = stepY * size;
  const ax = f32x4.splat(a0 * oversampling);
  const ay = f32x4.splat(a1 * oversampling);
  const az = f32x4.splat(a2 * oversampling);
  const bx = f32x4.splat(b0 * oversampling);
  const by = f32x4.splat(b1 * oversampling);
  const bz = f32x4.splat(b2 * oversampling);
  for (let p: usize = 0; p < end; p += 16) {
    const u = v128.load(kx + p);
    const v = v128.load(ky + p);
    const x = add(add(mul(u, ax), mul(v, bx)), middle);
    const y = add(add(mul(u, ay), mul(v, by)), middle);
    const z = add(add(mul(u, az), mul(v, bz)), middle);
    const ix = i32x4.trunc_sat_f32x4_s(x);
    const iy = i32x4.trunc_sat_f32x4_s(y);
    const iz = i32x4.trunc_sat_f32x4_s(z);
    const fx = sub(x, f32x4.convert_i32x4_s(ix));
    const fy = sub(y, f32x4.convert_i32x4_s(iy));
    const fz = sub(z, f32x4.convert_i32x4_s(iz));
    const cells = offsets(ix, iy, iz, <i32>stepY, <i32>stepZ);
    const s0 = edge(i32x4.extract_lane(cells, 0), stepY, stepZ, lane0(fy), lane0(fz));
    const s1 = edge(i32x4.extract_lane(cells, 1), stepY, stepZ, lane1(fy), lane1(fz));
    const s2 = edge(i32x4.extract_lane(cells, 2), stepY, stepZ, lane2(fy), lane2(fz));
    const s3 = edge(i32x4.extract_lane(cells, 3), stepY, stepZ, lane3(fy), lane3(fz));
    const left01 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5);
    const left23 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
    const right01 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
    const right23 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
    const re = low(left01, left23);
    const im = high(left01, left23);
    v128.store(sliceRe + p, add(re, mul(fx, sub(low(right01, right23), re))));
    v128.store(sliceIm + p, add(im, mul(fx, sub(high(right01, right23), im))));
  }
  clearTail(sliceRe, points);
  clearTail(sliceIm, points);
}

/** Slice and its derivatives: `third` along row 2 of the rotation, `spin` of a turn in the image plane (normal-equations.ts). */
export function slopes(points: i32, a0: f32, a1: f32, a2: f32, b0: f32, b1: f32, b2: f32): void {
  const end = groups(points);
  const middle = f32x4.splat(<f32>(size >> 1));
  const stepY: usize = size << 3;
  const stepZ: usize = stepY * size;
  const ax = f32x4.splat(a0 * oversampling);
  const ay = f32x4.splat(a1 * oversampling);
  const az = f32x4.splat(a2 * oversampling);
  const bx = f32x4.splat(b0 * oversampling);
  const by = f32x4.splat(b1 * oversampling);
  const bz = f32x4.splat(b2 * oversampling);
  const cx = f32x4.splat((a1 * b2 - a2 * b1) * oversampling);
  const cy = f32x4.splat((a2 * b0 - a0 * b2) * oversampling);
  const cz = f32x4.splat((a0 * b1 - a1 * b0) * oversampling);
  const corners = sums;
  for (let p: usize = 0; p < end; p += 16) {
    const u = v128.load(kx + p);
    const v = v128.load(ky + p);
    const x = add(add(mul(u, ax), mul(v, bx)), middle);
    const y = add(add(mul(u, ay), mul(v, by)), middle);
    const z = add(add(mul(u, az), mul(v, bz)), middle);
    const ix = i32x4.trunc_sat_f32x4_s(x);
    const iy = i32x4.trunc_sat_f32x4_s(y);
    const iz = i32x4.trunc_sat_f32x4_s(z);
    const fx = sub(x, f32x4.convert_i32x4_s(ix));
    const fy = sub(y, f32x4.convert_i32x4_s(iy));
    const fz = sub(z, f32x4.convert_i32x4_s(iz));
    const cells = offsets(ix, iy, iz, <i32>stepY, <i32>stepZ);
    edgeAndSlopes(corners, i32x4.extract_lane(cells, 0), stepY, stepZ, lane0(fy), lane0(fz));
    edgeAndSlopes(corners + 16, i32x4.extract_lane(cells, 1), stepY, stepZ, lane1(fy), lane1(fz));
    edgeAndSlopes(corners + 32, i32x4.extract_lane(cells, 2), stepY, stepZ, lane2(fy), lane2(fz));
    edgeAndSlopes(corners + 48, i32x4.extract_lane(cells, 3), stepY, stepZ, lane3(fy), lane3(fz));
    const re = leftRe(corners);
    const im = leftIm(corners);
    const reX = sub(rightRe(corners), re);
    const imX = sub(rightIm(corners), im);
    const reY = between(leftRe(corners + 64), rightRe(corners + 64), fx);
    const imY = between(leftIm(corners + 64), rightIm(corners + 64), fx);
    const reZ = between(leftRe(corners + 128), rightRe(corners + 128), fx);
    const imZ = between(leftIm(corners + 128), rightIm(corners + 128), fx);
    v128.store(sliceRe + p, add(re, mul(fx, reX)));
    v128.store(sliceIm + p, add(im, mul(fx, imX)));
    v128.store(thirdRe + p, along(reX, reY, reZ, cx, cy, cz));
    v128.store(thirdIm + p, along(imX, imY, imZ, cx, cy, cz));
    const reA = along(reX, reY, reZ, ax, ay, az);
    const imA = along(imX, imY, imZ, ax, ay, az);
    const reB = along(reX, reY, reZ, bx, by, bz);
    const imB = along(imX, imY, imZ, bx, by, bz);
    v128.store(spinRe + p, sub(mul(v, reA), mul(u, reB)));
    v128.store(spinIm + p, sub(mul(v, imA), mul(u, imB)));
  }
  clearTail(sliceRe, points);
  clearTail(sliceIm, points);
  clearTail(thirdRe, points);
  clearTail(thirdIm, points);
  clearTail(spinRe, points);
  clearTail(spinIm, points);
}

/** Places of four cells in the raster, bytes. */
@inline
function offsets(ix: v128, iy: v128, iz: v128, stepY: i32, stepZ: i32): v128 {
  const planes = i32x4.add(i32x4.mul(iz, i32x4.splat(stepZ)), i32x4.mul(iy, i32x4.splat(stepY)));
  return i32x4.add(planes, i32x4.shl(ix, 3));
}

/** Left and right end of the edge along x that passes through a point: re, im, re, im. */
@inline
function edge(cell: usize, stepY: usize, stepZ: usize, fy: v128, fz: v128): v128 {
  const at = raster + cell;
  const near = between(v128.load(at), v128.load(at + stepY), fy);
  const far = between(v128.load(at + stepZ), v128.load(at + stepZ + stepY), fy);
  return between(near, far, fz);
}

/** The same at `to`; its slope along y 64 bytes on, along z 128 bytes on. */
@inline
function edgeAndSlopes(to: usize, cell: usize, stepY: usize, stepZ: usize, fy: v128, fz: v128): void {
  const at = raster + cell;
  const n0 = v128.load(at);
  const f0 = v128.load(at + stepZ);
  const n1 = sub(v128.load(at + stepY), n0);
  const f1 = sub(v128.load(at + stepZ + stepY), f0);
  const near = add(n0, mul(fy, n1));
  const rise = sub(add(f0, mul(fy, f1)), near);
  v128.store(to, add(near, mul(fz, rise)));
  v128.store(to + 64, between(n1, f1, fz));
  v128.store(to + 128, rise);
}

/** The left ends of the two edges at `at`: re, re, im, im. */
@inline
function left(at: usize): v128 {
  return v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 0, 4, 1, 5);
}

/** The right ends. */
@inline
function right(at: usize): v128 {
  return v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 2, 6, 3, 7);
}

/** Of the four edges at `at`, one part of one end. */
@inline
function leftRe(at: usize): v128 {
  return low(left(at), left(at + 32));
}

@inline
function leftIm(at: usize): v128 {
  return high(left(at), left(at + 32));
}

@inline
function rightRe(at: usize): v128 {
  return low(right(at), right(at + 32));
}

@inline
function rightIm(at: usize): v128 {
  return high(right(at), right(at + 32));
}

@inline
function along(x: v128, y: v128, z: v128, a: v128, b: v128, c: v128): v128 {
  return add(add(mul(x, a), mul(y, b)), mul(z, c));
}
