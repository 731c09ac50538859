import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { createInputReader, type EncoderInput } from "../../../src/encoder/encoder-input.js";
import { halfPlane, imageFromHalfPlane } from "../../../src/imaging/half-plane.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const at = temporaryFolder();
const [box, pixelSizeAngstrom] = [32, 8];
const plane = halfPlane(box);

function inputOf(file: string, change: Partial<EncoderInput>) {
  const random = seededRandom(2);
  const rows = [0, 1].map(() => Float32Array.from({ length: 2 * plane.count }, () => random.normal()));
  const set = writePrepared(at(file), { box, pixelSizeAngstrom, rows, contrast: [titan(15000), titan(20000)] });
  const { diameterAngstrom, dataSign, signalEnvelope, noiseSigma } = set;
  const facts: EncoderInput = {
    ...{ box, pixelSizeAngstrom, diameterAngstrom, dataSign, signalEnvelope, noiseSigma },
    ...{ inputBox: 32, extentAngstrom: box * pixelSizeAngstrom, scale: 2, ...change },
  };
  const reader = openPrepared(set);
  return { reader, input: createInputReader(reader, facts), row: rows[1]! };
}

/** Wiener's estimate of the image, by the transform of fourier.ts, on the box's own grid. */
function wiener(reader: ReturnType<typeof openPrepared>, row: Float32Array): Float32Array {
  const contrast = new Float32Array(plane.count);
  reader.readContrast(1, contrast);
  const estimate = row.map((x, i) => {
    const [c, e] = [contrast[i >> 1]!, reader.set.signalEnvelope[plane.shell[i >> 1]!]!];
    return (x * c * e * e) / (1 + c * c * e * e) / 2;
  });
  return imageFromHalfPlane(estimate, plane);
}

test("on the grid of the box, the input is the inverse transform of Wiener's estimate within the circle", () => {
  const { reader, input, row } = inputOf("whole", {});
  expect([input.radius, input.points, input.perPixel]).toEqual([15, plane.count, 1]);
  const [image, expected] = [input.read(1), wiener(reader, row)];
  for (let i = 0; i < image.length; i++) {
    const r = Math.hypot((i % 32) - 16, Math.floor(i / 32) - 16) / 16;
    if (r <= 0.85) expect(image[i]).toBeCloseTo(expected[i]!, 5);
    if (r >= 1) expect(Math.abs(image[i]!)).toBe(0);
  }
  reader.close();
});

test("an input of half the extent shows the middle of it at twice the size", () => {
  const { reader, input, row } = inputOf("half", { extentAngstrom: (box * pixelSizeAngstrom) / 2 });
  expect([input.radius, input.perPixel]).toEqual([15, 2]);
  const [image, expected] = [input.read(1), wiener(reader, row)];
  for (let y = -4; y <= 4; y++)
    for (let x = -4; x <= 4; x++)
      expect(image[(16 + 2 * y) * 32 + 16 + 2 * x]).toBeCloseTo(expected[(16 + y) * 32 + 16 + x]!, 5);
  reader.close();
});
