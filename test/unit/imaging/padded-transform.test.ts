import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { paddedTransform } from "../../../src/imaging/padded-transform.js";
import { naiveDft } from "../../support/naive-dft.js";

test("equals the definition on the zero-padded map, inside the ball, gains and scale applied", () => {
  const [box, oversampling, middle] = [4, 2, 3];
  const padded = box * oversampling;
  const random = seededRandom(1);
  const values = Float32Array.from({ length: box ** 3 }, () => random.normal());
  const gain = Float64Array.from({ length: box }, () => 0.5 + random.uniform());
  const found = paddedTransform({ kind: "volume", box, pixelSizeAngstrom: 1, values }, oversampling, middle, gain, 3);

  const wide = new Float32Array(padded ** 3);
  const from = (padded - box) / 2;
  for (let z = 0, i = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, i++)
        wide[((z + from) * padded + y + from) * padded + x + from] = values[i]! * gain[x]! * gain[y]! * gain[z]!;
  const expected = naiveDft(wide, padded, 3);
  const wrap = (k: number): number => (k + padded) % padded;
  let cells = 0;
  for (let z = -middle; z <= middle; z++)
    for (let y = -middle; y <= middle; y++)
      for (let x = 0; x <= middle; x++) {
        if (y * y + x * x > middle * middle) continue;
        cells++;
        const at = 2 * (((z + middle) * found.size + y + middle) * found.half + x);
        const to = 2 * ((wrap(z) * padded + wrap(y)) * padded + wrap(x));
        expect(found.values[at]).toBeCloseTo(3 * expected[to]!, 4);
        expect(found.values[at + 1]).toBeCloseTo(3 * expected[to + 1]!, 4);
      }
  expect(cells).toBeGreaterThan(50);
});
