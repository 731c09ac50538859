import { expect, test } from "vitest";
import { float16Table } from "../../../src/io/float16.js";

test("all 65,536 halves have the value of IEEE 754", () => {
  const table = float16Table();
  // By way of float32: a half's bits, moved into a float's fields, are its value times 2^−112, exactly.
  const word = new DataView(new ArrayBuffer(4));
  for (let bits = 0; bits < 65536; bits++) {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    word.setUint32(0, (((bits & 0x8000) << 16) | (exponent << 23) | (fraction << 13)) >>> 0);
    const finite = word.getFloat32(0) * 2 ** 112;
    const sign = bits & 0x8000 ? -1 : 1;
    const want = exponent < 31 ? finite : fraction === 0 ? sign * Infinity : NaN;
    if (!Object.is(table[bits], want)) expect(`${bits}: ${table[bits]}`).toBe(`${bits}: ${want}`);
  }
  expect(table).toHaveLength(65536);
});

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x0001, 2 ** -24],
  [0x03ff, 2 ** -14 * (1023 / 1024)],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x8000, -0],
])("0x%s is %f, as the standard's examples say", (bits, value) => {
  expect(float16Table()[bits]).toBe(value);
});
