/**
 * @file Lessons without end: images rendered from the species' volumes, whose poses, shifts and conformations are exact.
 *
 *     x = C S(k3; z) e^{−2πi k·t/box} + n      k3 = kx·row0 + ky·row1
 *
 * Any rotation; the CTF, conformation and length of the shift of images of the set, each of another one; whitened noise
 * seen through the set's window. A network cannot learn such images by heart, as it does with those of the set.
 */
import type { Random } from "../core/random.js";
import { randomRotation } from "../geometry/rotation.js";
import { transformImage } from "../imaging/fourier.js";
import { sliceInto } from "../imaging/fourier-raster.js";
import { imageWeights } from "../imaging/image-normaliser.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { EncoderConfig } from "./encoder.js";
import type { InputReader } from "./encoder-input.js";
import { type LessonBatch, type Taught, teachInto } from "./imitation.js";
import { UNCHANGED } from "./in-plane.js";
import type { RasterDecoder } from "./raster-loss.js";

export interface RenderedLessons {
  /** Row `b` of the batch: a new image with its lesson, its noise `noise` times that of the set. */
  renderInto(batch: LessonBatch, b: number, config: EncoderConfig, noise: number, random: Random): void;
}

/** Images of noise; two of them, mixed at a random angle, are a third. */
const NOISE_IMAGES = 512;
/** Shifts beyond those of the set, input pixels on each axis. */
const MOVE_PIXELS = 1;

export function createRenderedLessons(
  reader: PreparedReader,
  input: InputReader,
  decoders: readonly RasterDecoder[],
  taught: (index: number) => Taught,
  random: Random,
): RenderedLessons {
  const { set, plane } = reader;
  const { points, perPixel } = input;
  const zDim = decoders[0]!.slopes.length;
  const members = decoders.map((): number[] => []);
  for (let i = 0; i < set.count; i++) members[taught(i).classIndex]?.push(i);
  const present = [...members.keys()].filter((k) => members[k]!.length > 0);
  const noise = windowedNoise(reader, points, random);
  const row = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const slope = new Float32Array(2 * points);
  const pose = new Float64Array(POSE_STRIDE);
  const posterior = new Float32Array(decoders.length);
  const z = new Float32Array(zDim);
  const oneOf = (list: readonly number[]): Taught => taught(list[random.integer(list.length)]!);

  return {
    renderInto(batch, b, config, loudness, random) {
      const k = present[random.integer(present.length)]!;
      const { rest, slopes } = decoders[k]!;
      pose.set(randomRotation(random).slice(0, 6));
      const moved = oneOf(members[k]!);
      const angle = 2 * Math.PI * random.uniform();
      const length = Math.hypot(moved.pose[moved.poseAt + 6]!, moved.pose[moved.poseAt + 7]!);
      const further = (): number => (MOVE_PIXELS / perPixel) * (2 * random.uniform() - 1);
      pose[6] = length * Math.cos(angle) + further();
      pose[7] = length * Math.sin(angle) + further();
      const flexed = oneOf(members[k]!);
      for (let j = 0; j < zDim; j++) z[j] = flexed.z[flexed.zAt + j]!;

      sliceInto(row, rest, pose, 0, plane.kx, plane.ky, points);
      slopes.forEach((raster, j) => {
        sliceInto(slope, raster, pose, 0, plane.kx, plane.ky, points);
        for (let i = 0; i < 2 * points; i++) row[i]! += z[j]! * slope[i]!;
      });
      reader.readContrast(random.integer(set.count), contrast);
      const [one, other] = [noise[random.integer(NOISE_IMAGES)]!, noise[random.integer(NOISE_IMAGES)]!];
      const mix = 2 * Math.PI * random.uniform();
      const [c1, c2] = [loudness * Math.cos(mix), loudness * Math.sin(mix)];
      const step = (2 * Math.PI) / set.box;
      for (let p = 0; p < points; p++) {
        const turn = step * (plane.kx[p]! * pose[6]! + plane.ky[p]! * pose[7]!);
        const c = contrast[p]! * Math.cos(turn);
        const s = contrast[p]! * Math.sin(turn);
        const re = row[2 * p]!;
        const im = row[2 * p + 1]!;
        row[2 * p] = c * re + s * im + c1 * one[2 * p]! + c2 * other[2 * p]!;
        row[2 * p + 1] = c * im - s * re + c1 * one[2 * p + 1]! + c2 * other[2 * p + 1]!;
      }
      posterior.fill(0)[k] = 1;
      const said: Taught = { pose, poseAt: 0, classIndex: k, posterior, posteriorAt: 0, z, zAt: 0 };
      teachInto(batch, b, config, input.image(row, contrast), said, UNCHANGED, perPixel);
    },
  };
}

/** White noise times the set's window at the first `points`, of variance 1 in Re and in Im. */
function windowedNoise({ set, plane }: PreparedReader, points: number, random: Random): readonly Float32Array[] {
  const { box, pixelSizeAngstrom, diameterAngstrom } = set;
  const { window } = imageWeights({ box, pixelSizeAngstrom }, box * pixelSizeAngstrom, diameterAngstrom);
  const power = window.reduce((sum, w) => sum + w * w, 0) / window.length;
  const sigma = Math.sqrt(2 / power);
  return Array.from({ length: NOISE_IMAGES }, () => {
    const { values } = transformImage(
      window.map((w) => w * sigma * random.normal()),
      box,
    );
    const row = new Float32Array(2 * points);
    for (let p = 0; p < points; p++) {
      const at = 2 * (((plane.ky[p]! + box) % box) * box + plane.kx[p]!);
      row[2 * p] = values[at]!;
      row[2 * p + 1] = values[at + 1]!;
    }
    return row;
  });
}
