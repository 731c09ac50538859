import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { compile, type EngineName, type Program } from "../../../src/engine/compile.js";

const engines: EngineName[] = ["cpu", "reference"];
const three = Float32Array.of(1, 2, 3);
const square: Program = ({ x }) => ({ y: tf.square(x!) });

describe.each(engines)("engine %s", (engine) => {
  test("runs a program: results by name, shapes known beforehand", async () => {
    const program = await compile(({ x }) => ({ y: tf.square(x!), total: tf.sum(x!) }), { x: [3] }, { engine });
    expect(program.outputShapes).toEqual({ y: [3], total: [] });
    expect(await program.run({ x: three })).toEqual({ y: Float32Array.of(1, 4, 9), total: Float32Array.of(6) });
    await program.dispose();
  });

  test("writes into the arrays it is given, and again when their content was used up", async () => {
    const program = await compile(square, { x: [3] }, { engine });
    const y = new Float32Array(3);
    const found = await program.run({ x: three }, { y });
    expect(found["y"]).toBe(y);
    y.fill(0);
    await program.run({ x: Float32Array.of(3, 2, 1) }, { y });
    expect(y).toEqual(Float32Array.of(9, 4, 1));
  });

  test("reads an input array afresh at every run", async () => {
    const program = await compile(square, { x: [3] }, { engine });
    const x = three.slice();
    await program.run({ x });
    x[0] = 5;
    expect((await program.run({ x }))["y"]).toEqual(Float32Array.of(25, 4, 9));
  });

  test("returns an input, a constant, the same tensor twice, integers and booleans as float32", async () => {
    const program = await compile(
      ({ x }) => {
        const y = tf.add(x!, 1);
        return { x: x!, c: tf.tensor1d([7, 8]), y, again: y, top: tf.argMax(x!), big: tf.greater(x!, 1.5) };
      },
      { x: [3] },
      { engine },
    );
    expect(await program.run({ x: three })).toEqual({
      x: three,
      c: Float32Array.of(7, 8),
      y: Float32Array.of(2, 3, 4),
      again: Float32Array.of(2, 3, 4),
      top: Float32Array.of(2),
      big: Float32Array.of(0, 1, 1),
    });
  });

  test("keeps int32 arithmetic whole", async () => {
    const program = await compile(
      ({ x }) => {
        const i = tf.cast(x!, "int32");
        return { half: tf.floorDiv(i, tf.scalar(2, "int32")), sum: tf.sum(tf.add(i, i)) };
      },
      { x: [3] },
      { engine },
    );
    expect(await program.run({ x: three })).toEqual({ half: Float32Array.of(0, 1, 1), sum: Float32Array.of(12) });
  });

  test("uses tensors made outside the program, in several programs, and leaves them readable", async () => {
    const weights = tf.tensor1d([2, 3, 5]);
    for (let i = 0; i < 2; i++) {
      const program = await compile(({ x }) => ({ y: tf.mul(x!, weights) }), { x: [3] }, { engine });
      expect((await program.run({ x: three }))["y"]).toEqual(Float32Array.of(2, 6, 15));
    }
    expect([...weights.dataSync()]).toEqual([2, 3, 5]);
    expect([...tf.add(weights, 1).dataSync()]).toEqual([3, 4, 6]);
  });

  test("refuses arrays that are missing, unknown or of the wrong length", async () => {
    const program = await compile(square, { x: [3] }, { engine, name: "squares" });
    await expect(program.run({})).rejects.toThrow('squares input "x": expected a Float32Array[3], got undefined');
    await expect(program.run({ x: three, z: three })).rejects.toThrow('squares input: expected one of x, got "z"');
    await expect(program.run({ x: new Float32Array(4) })).rejects.toThrow("expected [3] = 3 numbers, got 4");
    await expect(program.run({ x: three }, { y: new Float32Array(2) })).rejects.toThrow("squares output");
  });
});

test("leaves tfjs on the backend it was on, also after a program that throws", async () => {
  await tf.setBackend("cpu");
  await compile(square, { x: [3] });
  expect(tf.getBackend()).toBe("cpu");
  const broken: Program = () => {
    throw new Error("my own mistake");
  };
  await expect(compile(broken, { x: [3] })).rejects.toThrow("my own mistake");
  expect(tf.getBackend()).toBe("cpu");
  expect([...tf.add(1, 2).dataSync()]).toEqual([3]);
});

test("leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  const program = await compile(square, { x: [3] }, { engine: "reference" });
  await program.run({ x: three });
  expect(tf.memory().numTensors).toBe(before);
});

test("says that a program cannot look at numbers while it is recorded", async () => {
  const program: Program = ({ x }) => ({ y: tf.mul(x!, x!.dataSync()[0]!) });
  await expect(compile(program, { x: [3] }, { name: "peeking" })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("peeking: expected tensors only, got a request for a tensor's numbers"),
  });
});

test("names a kernel that has no ONNX form, the program, and what to write instead", async () => {
  const program: Program = ({ x }) => ({ y: tf.real(tf.fft(tf.complex(x!, tf.zerosLike(x!)))) });
  await expect(compile(program, { x: [4] }, { name: "spectrum" })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(
      /^spectrum: expected kernels with an ONNX form .*, got Complex; use the real transforms/,
    ),
  });
});

test("refuses a tensor that belongs to another recording", async () => {
  let stray: tf.Tensor | undefined;
  await compile(
    ({ x }) => {
      stray = tf.keep(tf.square(x!));
      return { y: stray };
    },
    { x: [3] },
  );
  await expect(compile(({ x }) => ({ y: tf.add(x!, stray!) }), { x: [3] })).rejects.toThrow(
    "recorded in another program",
  );
});

test("refuses a disposed program, an unknown engine and half a thread", async () => {
  const program = await compile(square, { x: [3] });
  await program.dispose();
  await program.dispose();
  await expect(program.run({ x: three })).rejects.toThrow("expected a live program, got a disposed one");
  await expect(compile(square, { x: [3] }, { engine: "gpu" as EngineName })).rejects.toThrow(
    "engine: expected auto, cpu",
  );
  await expect(compile(square, { x: [3] }, { threads: 0.5 })).rejects.toThrow("threads: expected a positive integer");
});

test("records bias and ReLU into the product and drops what no result needs", async () => {
  const program = await compile(
    ({ x, w, b }) => {
      tf.exp(x!);
      return { y: tf.relu(tf.add(tf.matMul(x!, w!), b!)) };
    },
    { x: [4, 3], w: [3, 2], b: [2] },
  );
  expect(program.nodeCount).toBe(2);
});

test("keeps a product that is wanted both with and without its bias", async () => {
  const program = await compile(
    ({ x, b }) => {
      const product = tf.matMul(x!, x!);
      return { product, sum: tf.add(product, b!) };
    },
    { x: [2, 2], b: [2] },
  );
  const found = await program.run({ x: Float32Array.of(1, 2, 3, 4), b: Float32Array.of(10, 20) });
  expect(found["product"]).toEqual(Float32Array.of(7, 10, 15, 22));
  expect(found["sum"]).toEqual(Float32Array.of(17, 30, 25, 42));
});
