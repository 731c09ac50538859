import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { compile } from "../../../src/engine/compile.js";
import { dft, inverseDft, inverseRealDft2, realDft2 } from "../../../src/engine/dft.js";
import { relativeError } from "../../support/compare.js";

const random = seededRandom(3);
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());

test.each([1, 2, 7, 48, 64, 96, 128, 127, 360])("one axis of %i samples is the sum of the definition", async (n) => {
  const program = await compile(({ re, im }) => ({ ...dft({ re: re!, im: im! }, [1]) }), { re: [2, n], im: [2, n] });
  const [re, im] = [normals(2 * n), normals(2 * n)];
  const found = await program.run({ re, im });
  const expected = { re: new Float32Array(2 * n), im: new Float32Array(2 * n) };
  for (let row = 0; row < 2; row++)
    for (let k = 0; k < n; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let x = 0; x < n; x++) {
        const angle = (-2 * Math.PI * ((k * x) % n)) / n;
        sumRe += re[row * n + x]! * Math.cos(angle) - im[row * n + x]! * Math.sin(angle);
        sumIm += re[row * n + x]! * Math.sin(angle) + im[row * n + x]! * Math.cos(angle);
      }
      expected.re[row * n + k] = sumRe / Math.sqrt(n);
      expected.im[row * n + k] = sumIm / Math.sqrt(n);
    }
  expect(relativeError(found["re"]!, expected.re)).toBeLessThan(1e-5);
  expect(relativeError(found["im"]!, expected.im)).toBeLessThan(1e-5);
  await program.dispose();
});

test("the inverse gives back the images, complex and real", async () => {
  const shape = [2, 6, 80];
  const program = await compile(
    ({ x, y }) => {
      const there = inverseDft(dft({ re: x!, im: y! }, [1, 2]), [1, 2]);
      return { re: there.re, im: there.im, real: inverseRealDft2(realDft2(x!)) };
    },
    { x: shape, y: shape },
  );
  const [x, y] = [normals(960), normals(960)];
  const found = await program.run({ x, y });
  expect(relativeError(found["re"]!, x)).toBeLessThan(1e-5);
  expect(relativeError(found["im"]!, y)).toBeLessThan(1e-5);
  expect(relativeError(found["real"]!, x)).toBeLessThan(1e-5);
  await program.dispose();
});

test("the half plane of a real image is its transform's, and tfjs's", async () => {
  const image = normals(8 * 6);
  const program = await compile(({ x }) => ({ ...realDft2(x!) }), { x: [8, 6] });
  const found = await program.run({ x: image });
  await tf.setBackend("cpu");
  const whole = tf.tidy(() => {
    const spectrum = tf.spectral.fft(tf.complex(tf.tensor2d(image, [8, 6]), tf.zeros([8, 6])));
    const turned = tf.spectral.fft(tf.transpose(spectrum) as tf.Tensor);
    return tf.slice(tf.transpose(tf.mul(tf.real(turned), 1 / Math.sqrt(48))), [0, 0], [8, 4]).dataSync();
  });
  expect(relativeError(found["re"]!, whole)).toBeLessThan(1e-5);
  await program.dispose();
});

test("energy is kept, so the gradient of the energy is twice the image", async () => {
  const program = await compile(
    ({ x }) => {
      const energy = (t: tf.Tensor): tf.Scalar => {
        const { re, im } = dft({ re: t, im: tf.zerosLike(t) });
        return tf.add(tf.sum(tf.square(re)), tf.sum(tf.square(im)));
      };
      return { grad: tf.grad(energy)(x!) };
    },
    { x: [10, 72] },
  );
  const x = normals(720);
  const { grad } = await program.run({ x });
  expect(
    relativeError(
      grad!,
      x.map((v) => 2 * v),
    ),
  ).toBeLessThan(1e-5);
  await program.dispose();
});

test("refuses an odd number of columns and an axis that is not there", () => {
  expect(() => realDft2(tf.zeros([4, 5]))).toThrow("an even number of columns, got 5");
  expect(() => dft({ re: tf.zeros([4]), im: tf.zeros([4]) }, [1])).toThrow("axis: expected 0 to 0, got 1");
});
