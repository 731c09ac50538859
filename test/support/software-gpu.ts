/** @file A GPU in software: SwiftShader, which Debian's chromium brings, under ONNX Runtime's WebGPU provider. */
import { existsSync } from "node:fs";

const folder = "/usr/lib/chromium";
const driver = `${folder}/vk_swiftshader_icd.json`;

export const softwareGpuAvailable: boolean =
  process.platform === "linux" &&
  process.arch === "x64" &&
  existsSync(driver) &&
  existsSync(`${folder}/libvulkan.so.1`);

/** The loader looks for Vulkan when the process starts, so the test runs in a process of its own. */
export const softwareGpuEnvironment: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: driver,
  LD_LIBRARY_PATH: folder,
};
