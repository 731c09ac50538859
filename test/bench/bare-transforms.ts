/** @file A thread that transforms images and does nothing else: what prepare is measured against. */
import { parentPort, workerData } from "node:worker_threads";
import type * as tf from "@tensorflow/tfjs";
import { compile } from "../../src/engine/compile.js";
import { croppedTransform } from "../../src/imaging/cropped-transform.js";
import { transformImage } from "../../src/imaging/fourier.js";
import { halfPlane } from "../../src/imaging/half-plane.js";

const { box, working, batch } = workerData as { box: number; working: number; batch: number };
const grid = { box, pixelSizeAngstrom: 1 };
const transform = croppedTransform(grid, halfPlane(working), box / working);
const products = await compile(
  ({ images }) => ({ products: transform.products(images as tf.Tensor2D) }),
  { images: [batch, box * box] },
  { threads: 1 },
);
const images = Float32Array.from({ length: batch * box * box }, (_, i) => Math.sin(i * i));
const image = images.slice(0, box * box);
const out = { products: new Float32Array(batch * transform.size) };

parentPort?.on("message", async ({ kind, count }: { kind: "fft" | "products"; count: number }) => {
  if (kind === "fft") for (let i = 0; i < count; i++) transformImage(image, box);
  else for (let i = 0; i < count; i += batch) await products.run({ images }, out);
  parentPort?.postMessage("done");
});
parentPort?.postMessage("ready");
