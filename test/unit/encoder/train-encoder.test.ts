import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { EncoderOptions } from "../../../src/encoder/encoder-options.js";
import { type InferenceChunk, type InferOptions, inferImages } from "../../../src/encoder/infer.js";
import { type EncoderState, trainEncoder } from "../../../src/encoder/train-encoder.js";
import { type Encoder, readEncoder, writeEncoder } from "../../../src/encoder/trained-encoder.js";
import { fieldPresets, initialiseField } from "../../../src/field/field.js";
import type { PreparedParticles } from "../../../src/imaging/prepare.js";
import { median } from "../../../src/metrics/quantile.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";
import { taughtSet } from "../../support/tiny-teacher.js";

const at = temporaryFolder();
const tiny = { batch: 8, threads: 1, size: "small", poseHeads: 16, seed: 3 } as const;
let known: Awaited<ReturnType<typeof taughtSet>>;
let set: PreparedParticles;

beforeAll(async () => {
  known = await taughtSet(tinyRecipe(36, { snr: 3 }), at("set.f32"), 1);
  set = known.set;
});

async function last(options: EncoderOptions, decoder?: EncoderState["decoder"]): Promise<EncoderState> {
  let state: EncoderState | undefined;
  for await (const next of trainEncoder(set, decoder ?? undefined, options)) state = next;
  return state!;
}

function decoderOf(K: number, zDim: number): NonNullable<EncoderState["decoder"]> {
  const random = seededRandom(4);
  const config = { ...fieldPresets.small, zDim, supportPixels: 10 };
  return { kind: "decoder", fields: Array.from({ length: K }, () => initialiseField(config, random)) };
}

async function inferAll(encoder: Encoder, options: InferOptions = {}, images = set): Promise<InferenceChunk[]> {
  const chunks: InferenceChunk[] = [];
  for await (const chunk of inferImages(images, encoder, { threads: 1, ...options })) chunks.push(chunk);
  return chunks;
}

test("from a teacher, species and shifts of the images it was shown are learnt", async () => {
  const lessons = { teacher: known.teacher, rendered: 0.5, visits: 2400 };
  const { encoder, phase, fraction } = await last({ ...tiny, mode: "distilled", ...lessons });
  expect([phase, fraction]).toEqual(["imitation", 1]);
  const [chunk] = await inferAll(encoder);
  const agree = known.truths.filter(({ species }, i) => species === chunk!.classes[i]).length;
  // A hundredth of a training: chance is 12 of 36. Rotations take longer (npm run accuracy -- encoder).
  expect(agree).toBeGreaterThan(21);
  const shifts = known.truths.flatMap(({ shiftAngstrom }, i) =>
    shiftAngstrom.map((t, j) => Math.abs(t - chunk!.shiftsAngstrom[2 * i + j]!)),
  );
  expect(median(shifts)).toBeLessThan(7.5); // of ±15 Å, whose median size is 7.5
});

test.each(["amortised", "semi"] as const)("%s training repeats to the same bits and moves both sides", async (mode) => {
  const options = { ...tiny, mode, visits: 32, classes: 2, zDim: 1, poseOnly: 0.5 } as const;
  const [one, two] = [await last(options), await last(options)];
  expect(one).toEqual(two);
  expect(one).toMatchObject({ phase: "reconstruction", visits: 32, fraction: 1 });
  expect(one.loss).toBeGreaterThan(0);
  const other = await last({ ...options, seed: 4 });
  expect(other.encoder.network.weights).not.toEqual(one.encoder.network.weights);
});

test("a frozen decoder is left as it was; without freezing it learns", async () => {
  for (const frozen of [true, false]) {
    const decoder = decoderOf(1, 0);
    await last({ ...tiny, mode: "amortised", visits: 16, frozen }, decoder);
    const moved = decoder.fields[0]!.weights["output.weight"]!;
    const start = decoderOf(1, 0).fields[0]!.weights["output.weight"]!;
    if (frozen) expect(moved).toEqual(start);
    else expect(moved).not.toEqual(start);
  }
});

test("inference says the same however the images are cut into chunks, and its file reads back whole", async () => {
  const { encoder } = await last({ ...tiny, mode: "distilled", teacher: known.teacher, visits: 16 });
  writeEncoder(at("encoder.safetensors"), encoder);
  const again = readEncoder(at("encoder.safetensors"));
  expect(again).toEqual(encoder);
  const asked = { decoder: decoderOf(3, 1), radius: 6 };
  const few = { ...set, count: 12 };
  for (const refine of ["none", "local"] as const) {
    const [whole, cut] = [
      await inferAll(encoder, { ...asked, refine }, few),
      await inferAll(again, { ...asked, refine, chunk: 5 }, few),
    ];
    expect(cut.map(({ from, count }) => [from, count])).toEqual([
      [0, 5],
      [5, 5],
      [10, 2],
    ]);
    for (const name of ["classes", "doubts"] as const)
      expect(cut.flatMap((c) => Array.from(c[name]))).toEqual(Array.from(whole[0]![name]));
    cut
      .flatMap((c) => Array.from(c.matrices))
      .forEach((x, i) => {
        expect(x).toBeCloseTo(whole[0]!.matrices[i]!, 4); // products of other sizes round otherwise
      });
  }
});

test("what does not fit together is refused by name", async () => {
  const refused = (options: EncoderOptions, decoder?: EncoderState["decoder"]) =>
    expect(last(options, decoder)).rejects;
  await refused({ mode: "distilled" }).toThrow("teacher: expected the poses and classes to imitate, got none");
  await refused({ mode: "other" as never }).toThrow("mode: expected distilled, amortised, semi, got other");
  const classes = new Int32Array(3);
  await refused({ mode: "distilled", teacher: { ...known.teacher, classes } }).toThrow(
    "teacher.classes: expected one per particle, 36, got 3",
  );
  await refused({ mode: "amortised", classes: 2 }, decoderOf(1, 0)).toThrow(
    "decoder.fields: expected 2 species, got 1",
  );
  const stop = AbortSignal.abort();
  await refused({ ...tiny, mode: "amortised", visits: 16, signal: stop }).toMatchObject({ code: "cancelled" });
});
