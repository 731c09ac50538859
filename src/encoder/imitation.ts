/** @file Lessons from a teacher: images turned, mirrored and moved at random, with what the teacher says changed alike. */
import type { Random } from "../core/random.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { EncoderConfig } from "./encoder.js";
import type { InputReader } from "./encoder-input.js";
import type { Teacher } from "./encoder-options.js";
import type { Lesson } from "./encoder-trainer.js";
import { changeImageInto, changePoseInto, type InPlane } from "./in-plane.js";

/** Images of one step, as the network takes them, with their lesson. Reused from step to step. */
export interface LessonBatch {
  readonly images: Float32Array;
  readonly lesson: Lesson;
}

/** Random moves of up to this many input pixels on each axis, so that shifts are learnt beyond those of the set. */
const MOVE_PIXELS = 1;

export function emptyLesson({ inputBox, classes, zDim }: EncoderConfig, B: number): LessonBatch {
  return {
    images: new Float32Array(B * inputBox ** 2),
    lesson: {
      rotation: new Float32Array(6 * B),
      shift: new Float32Array(2 * B),
      posterior: new Float32Array(classes * B),
      posed: new Float32Array(classes * B),
      z: new Float32Array(zDim * B),
    },
  };
}

/** Any turn, either side, a small move. */
export function randomInPlane(random: Random): InPlane {
  const move = (): number => MOVE_PIXELS * (2 * random.uniform() - 1);
  return { mirror: random.uniform() < 0.5, angleRad: 2 * Math.PI * random.uniform(), dx: move(), dy: move() };
}

/** What is taught about one image: pose row (shift in working pixels), its class, posterior and z. */
export interface Taught {
  readonly pose: ArrayLike<number>;
  readonly poseAt: number;
  /** −1: nothing is known. */
  readonly classIndex: number;
  /** K numbers from `posteriorAt` on. */
  readonly posterior: ArrayLike<number>;
  readonly posteriorAt: number;
  readonly z: ArrayLike<number>;
  readonly zAt: number;
}

/** Row `b` of the batch: the image changed in its plane, and `taught` with it. `perPixel`: input pixels per working one. */
export function teachInto(
  batch: LessonBatch,
  b: number,
  config: EncoderConfig,
  image: Float32Array,
  taught: Taught,
  change: InPlane,
  perPixel: number,
): void {
  const { images, lesson } = batch;
  const { inputBox, classes: K, zDim } = config;
  changeImageInto(images, b * inputBox ** 2, change, image, inputBox);
  const pose = new Float64Array(POSE_STRIDE);
  for (let i = 0; i < 8; i++) pose[i] = taught.pose[taught.poseAt + i]! * (i < 6 ? 1 : perPixel);
  changePoseInto(pose, 0, change, pose.slice(), 0);
  lesson.rotation.set(pose.subarray(0, 6), 6 * b);
  lesson.shift.set(pose.subarray(6, 8), 2 * b);
  for (let k = 0; k < K; k++) {
    lesson.posterior[b * K + k] = taught.posterior[taught.posteriorAt + k]!;
    lesson.posed[b * K + k] = k === taught.classIndex ? 1 : 0;
  }
  for (let j = 0; j < zDim; j++) lesson.z[b * zDim + j] = taught.z[taught.zAt + j]!;
}

/** Rows of poses, working pixels, and the rest of a teacher's table, ready for `teachInto`. */
export function teachersTable(teacher: Teacher, pixelSizeAngstrom: number, K: number): (index: number) => Taught {
  const { classes, posterior, poses, z } = teacher;
  const zDim = z.length / classes.length;
  const pose = new Float64Array(POSE_STRIDE);
  return (index) => {
    pose.set(poses.rotations.matrices.subarray(9 * index, 9 * index + 6));
    pose[6] = poses.shiftsAngstrom[2 * index]! / pixelSizeAngstrom;
    pose[7] = poses.shiftsAngstrom[2 * index + 1]! / pixelSizeAngstrom;
    const classIndex = classes[index]!;
    return { pose, poseAt: 0, classIndex, posterior, posteriorAt: index * K, z, zAt: index * zDim };
  };
}

/** Row `b` of the batch: a random one of `count` images and the teacher's words on it. */
export function drawLessonInto(
  batch: LessonBatch,
  b: number,
  config: EncoderConfig,
  input: InputReader,
  taught: (index: number) => Taught,
  count: number,
  random: Random,
): void {
  const index = random.integer(count);
  teachInto(batch, b, config, input.read(index), taught(index), randomInPlane(random), input.perPixel);
}
