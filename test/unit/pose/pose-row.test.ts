import fc from "fast-check";
import { expect, test } from "vitest";
import { multiply } from "../../../src/geometry/rotation.js";
import { POSE_STRIDE, rotationOfPose, turnedRowsInto } from "../../../src/pose/pose-row.js";
import { anyRotation } from "../../support/arbitraries.js";
import { relativeError } from "../../support/compare.js";

test("a pose row gives its rotation back, third row and all", () => {
  fc.assert(
    fc.property(anyRotation, (r) => {
      const poses = [...new Array(POSE_STRIDE).fill(7), ...r.slice(0, 6), 1, 2, 3];
      expect(relativeError(rotationOfPose(poses, POSE_STRIDE), r)).toBeLessThan(1e-9);
    }),
    { seed: 1 },
  );
});

test("a turned pose is turn · R: the turn is in the camera's frame", () => {
  fc.assert(
    fc.property(anyRotation, anyRotation, (turn, r) => {
      const out = new Float64Array(10).fill(9);
      turnedRowsInto(out, 2, [0, ...turn], 1, [0, 0, 0, ...r.slice(0, 6)], 3);
      expect(relativeError(out.subarray(2, 8), multiply(turn, r).slice(0, 6))).toBeLessThan(1e-9);
      expect([out[0], out[1], out[8], out[9]]).toEqual([9, 9, 9, 9]);
    }),
    { seed: 1 },
  );
});
