/**
 * @file Which engines there are, which of them this machine has, and which one `auto` takes.
 *
 * A graphics driver that computes on the CPU (SwiftShader, llvmpipe, WARP) is not a GPU: it runs our programs, which
 * tests use, but `auto` passes it by. ONNX Runtime does not tell its adapter's name, so we look for the hardware.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { listSupportedBackends } from "onnxruntime-node";
import { IolausError } from "../core/errors.js";
import { tensorflowDevice } from "./tensorflow.js";

/**
 * `cpu`: compiled, ONNX Runtime. `webgpu`, `cuda`: the same on a GPU. `tensorflow`: eager, @tensorflow/tfjs-node-gpu.
 * `reference`: eager, tfjs's own JavaScript backend; slow, the oracle of tests.
 */
export type EngineName = "cpu" | "webgpu" | "cuda" | "tensorflow" | "reference";

export const ENGINE_NAMES: readonly EngineName[] = ["cpu", "webgpu", "cuda", "tensorflow", "reference"];

export interface EngineFinding {
  readonly engine: EngineName;
  /** Whether `auto` may take it; an engine that is absent or no faster than the CPU is not. */
  readonly eligible: boolean;
  /** What was found, or what is missing and where it comes from. */
  readonly reason: string;
}

export interface EngineChoice {
  readonly engine: EngineName;
  readonly reason: string;
}

/** What a machine looks like, so that tests can show us other ones. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Backends that ONNX Runtime was built with. */
  readonly backends: readonly string[];
  /** Names of graphics hardware. */
  readonly graphics: readonly string[];
  /** Whether ONNX Runtime's CUDA library lies beside it. */
  readonly cudaLibrary: boolean;
  /** The device of @tensorflow/tfjs-node-gpu: "GPU", "CPU", or null when the package is absent. */
  readonly tensorflow: "GPU" | "CPU" | null;
}

/** In the order in which `auto` prefers them. */
export function judgeEngines(surroundings: Surroundings): EngineFinding[] {
  return [judgeCuda(surroundings), judgeWebgpu(surroundings), judgeTensorflow(surroundings), CPU];
}

/** The first eligible engine of this machine, and why. */
export async function chooseEngine(): Promise<EngineChoice> {
  return preferred(judgeEngines(await lookAround()));
}

/** The choice among findings in order of preference. */
export function preferred(findings: readonly EngineFinding[]): EngineChoice {
  const chosen = findings.find((finding) => finding.eligible) ?? CPU;
  const passed = findings.slice(0, findings.indexOf(chosen)).map(({ engine, reason }) => `${engine}: ${reason}`);
  return { engine: chosen.engine, reason: [chosen.reason, ...passed].join("; ") };
}

export async function lookAround(): Promise<Surroundings> {
  return {
    platform: process.platform,
    environment: process.env,
    backends: listSupportedBackends().map(({ name }) => name),
    graphics: graphicsHardware(),
    cudaLibrary: hasCudaLibrary(),
    tensorflow: await tensorflowDevice(),
  };
}

const CPU: EngineFinding = { engine: "cpu", eligible: true, reason: "ONNX Runtime on the CPU, always there" };

function judgeCuda({ backends, cudaLibrary, graphics }: Surroundings): EngineFinding {
  const no = (reason: string): EngineFinding => ({ engine: "cuda", eligible: false, reason });
  if (!backends.includes("cuda")) return no("this ONNX Runtime was built without CUDA");
  if (!cudaLibrary)
    return no(
      "its library is not installed; `npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12` fetches it",
    );
  if (!graphics.some((name) => name.includes("NVIDIA"))) return no("no NVIDIA hardware");
  return { engine: "cuda", eligible: true, reason: `ONNX Runtime's CUDA provider on ${graphics.join(", ")}` };
}

function judgeWebgpu({ backends, platform, environment, graphics }: Surroundings): EngineFinding {
  const no = (reason: string): EngineFinding => ({ engine: "webgpu", eligible: false, reason });
  if (!backends.includes("webgpu")) return no("this ONNX Runtime was built without WebGPU");
  const driver = environment["VK_DRIVER_FILES"] ?? environment["VK_ICD_FILENAMES"];
  if (driver !== undefined && SOFTWARE_DRIVER.test(driver))
    return no(`the driver ${driver} computes on the CPU: it is not a GPU`);
  if (platform === "darwin") return { engine: "webgpu", eligible: true, reason: "Metal" };
  if (graphics.length === 0) return no("no graphics hardware; a software driver is not a GPU");
  return { engine: "webgpu", eligible: true, reason: graphics.join(", ") };
}

function judgeTensorflow({ tensorflow }: Surroundings): EngineFinding {
  if (tensorflow === "GPU")
    return { engine: "tensorflow", eligible: true, reason: "@tensorflow/tfjs-node-gpu sees a GPU" };
  const reason =
    tensorflow === null
      ? "@tensorflow/tfjs-node-gpu is not installed (optional)"
      : "@tensorflow/tfjs-node-gpu sees no GPU; `cpu` is faster then";
  return { engine: "tensorflow", eligible: false, reason };
}

const SOFTWARE_DRIVER = /swiftshader|lvp|llvmpipe|lavapipe/i;

const VENDORS: Readonly<Record<string, string>> = { "0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel" };

/** Graphics controllers of vendors that make GPUs; a virtual machine's frame buffer is none. Windows: assumed. */
function graphicsHardware(): string[] {
  if (process.platform === "win32") return ["a Direct3D adapter"];
  const bus = "/sys/bus/pci/devices";
  if (!existsSync(bus)) return existsSync("/dev/nvidia0") ? ["NVIDIA"] : [];
  return readdirSync(bus).flatMap((slot) => {
    const read = (file: string): string => readFileSync(join(bus, slot, file), "utf8").trim();
    try {
      const vendor = VENDORS[read("vendor")];
      // Class 0x03: display controller.
      return vendor !== undefined && read("class").startsWith("0x03") ? [`${vendor} ${read("device")}`] : [];
    } catch {
      return [];
    }
  });
}

function hasCudaLibrary(): boolean {
  const root = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const folder = join(root, "bin", "napi-v6", process.platform, process.arch);
  return ["libonnxruntime_providers_cuda.so", "onnxruntime_providers_cuda.dll"].some((file) =>
    existsSync(join(folder, file)),
  );
}

/** Throw unless an engine of this name can be asked for here. */
export async function checkEngine(engine: EngineName): Promise<void> {
  if (engine === "cuda" && !hasCudaLibrary())
    throw new IolausError(
      "unsupported",
      `engine: expected an engine of this machine, got cuda; ${judgeCuda(await lookAround()).reason}`,
    );
}
