import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compile } from "../../../src/engine/compile.js";
import { chooseEngine, judgeEngines, preferred, type Surroundings } from "../../../src/engine/engines.js";

const laptop: Surroundings = {
  platform: "linux",
  environment: {},
  backends: ["cpu", "webgpu"],
  graphics: [],
  cudaLibrary: false,
  tensorflow: null,
};
const choose = (changes: Partial<Surroundings>) => preferred(judgeEngines({ ...laptop, ...changes }));

test("takes the CPU where there is no graphics hardware, and says why not the others", () => {
  const { engine, reason } = choose({});
  expect(engine).toBe("cpu");
  expect(reason).toContain("webgpu: no graphics hardware");
  expect(reason).toContain("cuda: this ONNX Runtime was built without CUDA");
  expect(reason).toContain("tensorflow: @tensorflow/tfjs-node-gpu is not installed");
});

test("takes a GPU that is there", () => {
  expect(choose({ graphics: ["AMD 0x744c"] })).toMatchObject({
    engine: "webgpu",
    reason: expect.stringContaining("AMD"),
  });
  expect(choose({ platform: "darwin" }).engine).toBe("webgpu");
});

test("does not take a software driver for a GPU", () => {
  for (const driver of ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"]) {
    const { engine, reason } = choose({ graphics: ["AMD 0x744c"], environment: { VK_ICD_FILENAMES: driver } });
    expect(engine).toBe("cpu");
    expect(reason).toContain(`the driver ${driver} computes on the CPU: it is not a GPU`);
  }
});

test("prefers CUDA only with its library and NVIDIA hardware", () => {
  const gpu = { backends: ["cpu", "webgpu", "cuda"], graphics: ["NVIDIA 0x2335"] };
  expect(choose({ ...gpu, cudaLibrary: true }).engine).toBe("cuda");
  expect(choose({ ...gpu, cudaLibrary: false })).toMatchObject({ engine: "webgpu" });
  expect(choose({ ...gpu, cudaLibrary: true, graphics: ["AMD 0x744c"] }).engine).toBe("webgpu");
});

test("takes TensorFlow only when it sees a GPU", () => {
  expect(choose({ tensorflow: "GPU" }).engine).toBe("tensorflow");
  expect(choose({ tensorflow: "CPU" })).toMatchObject({
    engine: "cpu",
    reason: expect.stringContaining("sees no GPU"),
  });
});

test("chooses on this machine, and computes with the choice", async () => {
  const { engine, reason } = await chooseEngine();
  expect(reason.length).toBeGreaterThan(10);
  const program = await compile(({ x }) => ({ y: tf.add(x!, 1) }), { x: [2] }, { engine: "auto" });
  expect(program.engine).toBe(engine);
  expect((await program.run({ x: Float32Array.of(1, 2) }))["y"]).toEqual(Float32Array.of(2, 3));
  await program.dispose();
});

test("says what is missing for an engine that is not there", async () => {
  const add = compile(({ x }) => ({ y: tf.add(x!, 1) }), { x: [2] }, { engine: "cuda" });
  await expect(add).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("got cuda; ") });
});
