/**
 * @file prepare of 20,000 images of 256² to a working box of 64, against the bare transforms on the same threads (FFTs of
 * whole images, and the matrix products that take their place), without and with reading the images; its memory; an
 * epoch of shuffled reads against a sequential one. The images are 1,000 in a stack, taken 20 times.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { seededRandom } from "../../src/core/random.js";
import type { ParticleSource } from "../../src/core/types.js";
import { randomRotation, rotationsOf } from "../../src/geometry/rotation.js";
import { backProject } from "../../src/imaging/back-projection.js";
import { prepare } from "../../src/imaging/prepare.js";
import { openPrepared } from "../../src/imaging/prepared-reader.js";
import { shuffledRows } from "../../src/imaging/shuffled-rows.js";
import { createStackWriter, openMrcStack } from "../../src/io/mrc-stack.js";
import { median } from "./paired.js";

const [BOX, WORKING, COUNT, DISTINCT, ROUNDS] = [256, 64, 20_000, 1000, 3];
/** Images of the bare FFT that are timed; it is slow, so its time is scaled up. */
const FFT_IMAGES = 1000;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  try {
    const source = repeatedStack(join(folder, "images.mrcs"));
    const threads = availableParallelism();
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    await prepare(source, join(folder, "first.f32"), { box: WORKING, threads });
    clearInterval(watch);
    const bare = await Promise.all(Array.from({ length: threads }, bareWorker));
    const transforms = (kind: "fft" | "products", count: number) =>
      seconds(() => Promise.all(bare.map((ask) => ask.run(kind, Math.ceil(count / threads)))));
    await transforms("products", 1000);
    const rounds: { prepare: number; fft: number; products: number; bare: number }[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const fft = (await transforms("fft", FFT_IMAGES)) * (COUNT / FFT_IMAGES);
      const products = await transforms("products", COUNT);
      // Pixels come through one thread, whose core the products then lack.
      const reading = (await seconds(async () => readAll(source))) / threads;
      const time = await seconds(() => prepare(source, join(folder, `${i}.f32`), { box: WORKING, threads }));
      rounds.push({ prepare: time, fft, products, bare: products + reading });
    }
    for (const ask of bare) await ask.close();
    const middle = (of: (r: (typeof rounds)[number]) => number): number => median(rounds.map(of));
    console.log(
      `prepare, ${COUNT} images of ${BOX}² to box ${WORKING}, ${threads} threads; medians of ${ROUNDS} rounds`,
    );
    console.log(`prepare                  ${middle((r) => r.prepare).toFixed(1)} s`);
    console.log(
      `bare FFTs (fft.js)       ${middle((r) => r.fft).toFixed(1)} s, ratio ${ratio(middle((r) => r.prepare / r.fft))}`,
    );
    console.log(
      `bare products            ${middle((r) => r.products).toFixed(1)} s, ratio ${ratio(middle((r) => r.prepare / r.products))}`,
    );
    console.log(
      `  and reading the images ${middle((r) => r.bare).toFixed(1)} s, ratio ${ratio(middle((r) => r.prepare / r.bare))}`,
    );
    console.log(`peak memory of the process ${(peak / 2 ** 20).toFixed(0)} MiB`);
    await epochs(join(folder, "0.f32"), source);
    source.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function epochs(file: string, source: ParticleSource): Promise<void> {
  const set = await prepare(source, file, { box: WORKING, threads: availableParallelism() });
  const ratios: number[] = [];
  const times: [number, number][] = [];
  let sink = 0;
  for (let i = 0; i < 7; i++) {
    const sequential = await seconds(async () => {
      sink += readThrough(file, 8 * set.points);
    });
    const shuffled = await seconds(async () => {
      for (const { row } of shuffledRows(set, seededRandom(i))) sink += row[0]! + row[row.length - 1]!;
    });
    times.push([sequential, shuffled]);
    ratios.push(shuffled / sequential);
  }
  if (!Number.isFinite(sink)) throw new Error("rows are not finite");
  const [a, b] = [0, 1].map((k) => median(times.map((t) => t[k]!)) * 1e3);
  const size = (statSync(file).size / 1e6).toFixed(0);
  console.log(
    `epoch of ${size} MB: sequential ${a!.toFixed(0)} ms, shuffled ${b!.toFixed(0)} ms, ratio ${ratio(median(ratios))}`,
  );

  const random = seededRandom(1);
  const poses = {
    rotations: rotationsOf(Array.from({ length: COUNT }, () => randomRotation(random))),
    shiftsAngstrom: new Float64Array(2 * COUNT),
  };
  const reader = openPrepared(set);
  const time = await seconds(async () => backProject(reader, poses));
  reader.close();
  console.log(`back-projection, one thread, both halves and three maps: ${(COUNT / time).toFixed(0)} images/s`);
}

/** Every row once from front to back, in pieces of the size that a shuffled epoch reads. */
function readThrough(file: string, rowBytes: number): number {
  const handle = openSync(file, "r");
  const piece = new Float32Array((64 * rowBytes) / 4);
  const bytes = new Uint8Array(piece.buffer);
  let sum = 0;
  for (let at = 0, got = 1; got > 0; at += got) {
    got = readSync(handle, bytes, 0, bytes.length, at);
    for (let i = 0; i < got / 4; i += rowBytes / 4) sum += piece[i]! + piece[i + rowBytes / 4 - 1]!;
  }
  closeSync(handle);
  return sum;
}

function readAll(source: ParticleSource): void {
  const image = new Float32Array(source.box ** 2);
  for (let i = 0; i < source.count; i++) source.readImage(i, image);
}

function repeatedStack(path: string): ParticleSource {
  const writer = createStackWriter(path, { box: BOX, pixelSizeAngstrom: 1.3 });
  const random = seededRandom(1);
  const pool = Float32Array.from({ length: BOX * BOX + DISTINCT }, () => random.normal());
  for (let i = 0; i < DISTINCT; i++) writer.append(pool.slice(i, i + BOX * BOX));
  writer.close();
  const stack = openMrcStack(path);
  return {
    ...{ kind: "particle-source", path, count: COUNT, box: BOX, pixelSizeAngstrom: 1.3, hasCtf: true, files: [path] },
    keys: Array.from({ length: COUNT }, (_, i) => `${i + 1}@${path}`),
    optics: () => ({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 }),
    defocus: (i) => ({ uAngstrom: 1e4 + i, vAngstrom: 1e4, angleRad: 0, phaseShiftRad: 0 }),
    readImage: (i, out) => stack.readImage(i % DISTINCT, out),
    close: () => stack.close(),
  };
}

async function bareWorker(): Promise<{ run(kind: string, count: number): Promise<void>; close(): Promise<number> }> {
  const workerData = { box: BOX, working: WORKING, batch: 8 };
  // tsx does not reach into threads by itself.
  const file = JSON.stringify(new URL("./bare-transforms.ts", import.meta.url).href);
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return import(${file}); });`;
  const worker = new Worker(code, { eval: true, workerData });
  const answer = (): Promise<void> =>
    new Promise((resolve, reject) => {
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
  await answer();
  return {
    run(kind, count) {
      worker.postMessage({ kind, count });
      return answer();
    },
    close: () => worker.terminate(),
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1e3;
}

function ratio(value: number): string {
  return value.toFixed(2);
}
