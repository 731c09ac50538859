/** @file A thread that transforms images and does nothing else: what prepare is measured against. */
import { parentPort, workerData } from "node:worker_threads";
import { croppedTransform } from "../../src/imaging/cropped-transform.js";
import { transformImage } from "../../src/imaging/fourier.js";
import { halfPlane } from "../../src/imaging/half-plane.js";

const { box, working, batch } = workerData as { box: number; working: number; batch: number };
const grid = { box, pixelSizeAngstrom: 1 };
const product = await croppedTransform(grid, halfPlane(working), box / working, { batch, threads: 1 });
for (let i = 0; i < product.images.length; i++) product.images[i] = Math.sin(i * i);
const image = product.images.slice(0, box * box);

parentPort?.on("message", async ({ kind, count }: { kind: "fft" | "products"; count: number }) => {
  if (kind === "fft") for (let i = 0; i < count; i++) transformImage(image, box);
  else for (let i = 0; i < count; i += batch) await product.run();
  parentPort?.postMessage("done");
});
parentPort?.postMessage("ready");
