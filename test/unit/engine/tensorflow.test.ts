/** The engine `tensorflow` runs a program on tfjs's backend of that name; here tfjs's own backend stands in for it. */
import * as tf from "@tensorflow/tfjs";
import { afterAll, describe, expect, test } from "vitest";
import { compile } from "../../../src/engine/compile.js";
import { TENSORFLOW_PACKAGE, tensorflowDevice } from "../../../src/engine/tensorflow.js";
import { relativeError } from "../../support/compare.js";
import { smallSteps } from "../../support/training-steps.js";

const installed = await import(TENSORFLOW_PACKAGE).then(
  () => true,
  () => false,
);

async function expectSteps(): Promise<void> {
  for (const { name, program, shapes, inputs } of smallSteps()) {
    const [eager, compiled] = [
      await compile(program, shapes, { engine: "tensorflow", name }),
      await compile(program, shapes, { name, threads: 1 }),
    ];
    const [found, expected] = [await eager.run(inputs), await compiled.run(inputs)];
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    for (const key in expected)
      expect(relativeError(found[key]!, expected[key]!), `${name}: ${key}`).toBeLessThan(1e-4);
    await compiled.dispose();
  }
}

test.skipIf(!installed)(
  "one step of field, encoder and search on TensorFlow's library is the compiled one's",
  expectSteps,
);

test.skipIf(installed)("without the package, says which to install", async () => {
  expect(await tensorflowDevice()).toBeNull();
  const add = compile(({ x }) => ({ y: tf.add(x!, 1) }), { x: [2] }, { engine: "tensorflow" });
  await expect(add).rejects.toThrow(`install the optional package ${TENSORFLOW_PACKAGE}`);
});

describe.skipIf(installed)("with a stand-in", () => {
  afterAll(() => tf.removeBackend("tensorflow"));

  test("one step of field, encoder and search is the compiled one's", async () => {
    const calls: string[] = [];
    tf.registerBackend("tensorflow", () => Object.create(tf.findBackend("cpu"), { isUsingGpuDevice: { value: true } }));
    for (const kernel of tf.getKernelsForBackend("cpu"))
      tf.registerKernel({
        ...kernel,
        backendName: "tensorflow",
        kernelFunc: (call) => {
          calls.push(kernel.kernelName);
          return kernel.kernelFunc(call);
        },
      });
    await expectSteps();
    expect(calls).toContain("Conv2DBackpropFilter");
    expect(await tensorflowDevice()).toBe("GPU");
    expect(tf.getBackend()).not.toBe("tensorflow");
  });
});
