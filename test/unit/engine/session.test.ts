import * as tf from "@tensorflow/tfjs";
import { beforeEach, expect, test } from "vitest";
import { compile, type Program } from "../../../src/engine/compile.js";
import { releaseIdleSessions, sessionCount } from "../../../src/engine/session.js";

const times =
  (factor: number): Program =>
  ({ x }) => ({ y: tf.mul(x!, factor) });
const x = Float32Array.of(1, 2, 3);

beforeEach(releaseIdleSessions);

test("equal programs of equal shapes share a session; other numbers, shapes or threads do not", async () => {
  const programs = [await compile(times(2), { x: [3] }), await compile(times(2), { x: [3] }, { name: "again" })];
  expect(sessionCount()).toBe(1);
  programs.push(await compile(times(3), { x: [3] }));
  expect(sessionCount()).toBe(2);
  programs.push(await compile(times(2), { x: [3, 1] }), await compile(times(2), { x: [3] }, { threads: 1 }));
  expect(sessionCount()).toBeGreaterThanOrEqual(3);
  await programs[0]!.dispose();
  expect((await programs[1]!.run({ x }))["y"]).toEqual(Float32Array.of(2, 4, 6));
  expect((await programs[2]!.run({ x }))["y"]).toEqual(Float32Array.of(3, 6, 9));
  for (const program of programs) await program.dispose();
});

test("keeps a bounded number of unused sessions, and none when asked", async () => {
  for (let i = 0; i < 12; i++) await (await compile(times(i + 2), { x: [3] })).dispose();
  expect(sessionCount()).toBeLessThanOrEqual(4);
  await releaseIdleSessions();
  expect(sessionCount()).toBe(0);
});

test("keeps every session in use, however many", async () => {
  const programs = await Promise.all([...Array(9).keys()].map((i) => compile(times(i + 2), { x: [3] })));
  expect(sessionCount()).toBe(9);
  const results = await Promise.all(programs.map((program) => program.run({ x })));
  expect(results.map(({ y }) => y![0])).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const program of programs) await program.dispose();
});

test("10,000 runs, with and without arrays to write into, leave memory where it was", async () => {
  const program = await compile(({ a, b }) => ({ y: tf.matMul(a!, b!) }), { a: [32, 32], b: [32, 32] }, { threads: 1 });
  const inputs = { a: new Float32Array(1024).fill(1), b: new Float32Array(1024).fill(2) };
  const y = new Float32Array(1024);
  const runs = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      await program.run(inputs, i % 2 === 0 ? { y } : {});
      // New inputs now and then: their wrappers must go too.
      if (i % 10 === 0) await program.run({ ...inputs, a: new Float32Array(1024) });
    }
  };
  await runs(1000);
  const before = process.memoryUsage.rss();
  await runs(10_000);
  // Results not collected yet are 4 kB each; a leak of all of them would be 44 MB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(30e6);
  expect(tf.memory().numTensors).toBe(0);
  await program.dispose();
});

test("the same numbers come out run after run, and from programs compiled anew", async () => {
  const program: Program = ({ a, b }) => ({ y: tf.softmax(tf.matMul(a!, b!)), s: tf.sum(tf.exp(a!)) });
  const shapes = { a: [200, 300], b: [300, 100] };
  const inputs = {
    a: Float32Array.from({ length: 60_000 }, (_, i) => Math.sin(i)),
    b: Float32Array.from({ length: 30_000 }, (_, i) => Math.cos(i)),
  };
  const first = await compile(program, shapes, { threads: 2 });
  const expected = await first.run(inputs);
  for (let i = 0; i < 5; i++) expect(await first.run(inputs)).toEqual(expected);
  await first.dispose();
  await releaseIdleSessions();
  const second = await compile(program, shapes, { threads: 2 });
  expect(await second.run(inputs)).toEqual(expected);
  await second.dispose();
});

test("runs beside each other take turns and leave no thread spinning", async () => {
  const shapes = { a: [256, 256], b: [256, 256] };
  const inputs = { a: new Float32Array(65_536).fill(1), b: new Float32Array(65_536).fill(1) };
  const [one, two] = [
    await compile(({ a, b }) => ({ y: tf.matMul(a!, b!) }), shapes, { threads: 2 }),
    await compile(({ a, b }) => ({ y: tf.add(tf.matMul(a!, b!), 1) }), shapes, { threads: 2 }),
  ];
  const results = await Promise.all([one!, two!, one!, two!].map((program) => program.run(inputs)));
  expect(results.map(({ y }) => y![0])).toEqual([256, 257, 256, 257]);
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e3).toBeLessThan(200); // ms of two threads in 400 ms
  await one!.dispose();
  await two!.dispose();
});
