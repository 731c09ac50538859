/**
 * @file 2-D averages of the images of a class by the direction they were seen from, each image turned and shifted into place.
 *
 *     rows of R: image x, image y, viewing direction; an image turned by ψ about the viewing direction is brought to the in-plane
 *     angle of its view, and moved by minus its shift
 *
 * They need no map: an average that looks like its class's map says that poses and classes are real. CTFs are not corrected.
 */
import { check } from "../core/errors.js";
import type { ParticleSource, Poses } from "../core/types.js";
import { healpixCentre } from "../geometry/healpix.js";

export interface ViewAveragesOptions {
  /** HEALPix order of the directions: 12 · 4^order of them. @default 0 */
  readonly order?: number;
  /** At most so many images per view are read. @default 100 */
  readonly imagesPerView?: number;
}

export interface ViewAverage {
  /** Float32[box box], mean of the images. */
  readonly image: Float32Array;
  /** Images averaged, and images seen from there. */
  readonly averaged: number;
  readonly count: number;
  /** HEALPix pixel of the direction, in nested order. */
  readonly pixel: number;
}

/** Averages of the images `members` (positions in `source`), most seen views first. */
export function viewAverages(
  source: ParticleSource,
  poses: Poses,
  members: ArrayLike<number>,
  options: ViewAveragesOptions = {},
): ViewAverage[] {
  const { order = 0, imagesPerView = 100 } = options;
  check(poses.rotations.count === source.count, "poses", `${source.count}, one per image`, poses.rotations.count);
  const directions = Array.from({ length: 12 * 4 ** order }, (_, pixel) => directionOf(order, pixel));
  const byView = directions.map((): number[] => []);
  const { matrices } = poses.rotations;
  for (let m = 0; m < members.length; m++) {
    const i = members[m]!;
    const seen = [matrices[9 * i + 6]!, matrices[9 * i + 7]!, matrices[9 * i + 8]!] as const;
    let best = 0;
    directions.forEach((d, pixel) => {
      if (dot(d, seen) > dot(directions[best]!, seen)) best = pixel;
    });
    byView[best]!.push(i);
  }
  const averages = byView.flatMap((images, pixel): ViewAverage[] => {
    if (images.length === 0) return [];
    const image = new Float32Array(source.box ** 2);
    const chosen = images.slice(0, imagesPerView);
    const across = frameOf(directions[pixel]!);
    for (const i of chosen) addTurned(image, source, poses, i, across);
    return [{ image: image.map((v) => v / chosen.length), averaged: chosen.length, count: images.length, pixel }];
  });
  return averages.sort((a, b) => b.count - a.count);
}

type Triple = readonly [number, number, number];

/** Add image `i`, turned so that `across` lies along its x as nearly as can be, and centred. Bilinear. */
function addTurned(out: Float32Array, source: ParticleSource, poses: Poses, i: number, across: Triple): void {
  const { box, pixelSizeAngstrom } = source;
  const m = poses.rotations.matrices.subarray(9 * i, 9 * i + 9);
  const [px, py] = [dot([m[0]!, m[1]!, m[2]!], across), dot([m[3]!, m[4]!, m[5]!], across)];
  const norm = Math.hypot(px, py) || 1;
  const [c, s] = [px / norm, py / norm];
  const dx = poses.shiftsAngstrom[2 * i]! / pixelSizeAngstrom;
  const dy = poses.shiftsAngstrom[2 * i + 1]! / pixelSizeAngstrom;
  const image = source.readImage(i);
  for (let y = 0, at = 0; y < box; y++)
    for (let x = 0; x < box; x++, at++) {
      const [u, v] = [x - box / 2, y - box / 2];
      const [sx, sy] = [c * u - s * v + dx + box / 2, s * u + c * v + dy + box / 2];
      const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
      if (ix < 0 || iy < 0 || ix >= box - 1 || iy >= box - 1) continue;
      const [fx, fy] = [sx - ix, sy - iy];
      const k = iy * box + ix;
      out[at]! +=
        (1 - fy) * ((1 - fx) * image[k]! + fx * image[k + 1]!) +
        fy * ((1 - fx) * image[k + box]! + fx * image[k + box + 1]!);
    }
}

/** A unit vector across a direction: the way to larger longitude (along y at the poles). */
function frameOf([x, y]: Triple): Triple {
  const norm = Math.hypot(x, y);
  return norm < 1e-9 ? [0, 1, 0] : [-y / norm, x / norm, 0];
}

function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function directionOf(order: number, pixel: number): Triple {
  const { thetaRad: theta, phiRad: phi } = healpixCentre(order, pixel);
  return [Math.sin(theta) * Math.cos(phi), Math.sin(theta) * Math.sin(phi), Math.cos(theta)];
}
