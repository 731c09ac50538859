/** @file Which images a list of particles names: for each, a stack and an index. A million fit in little memory. */
import { posix } from "node:path";
import { IolausError } from "../core/errors.js";
import { imageKey, parseImageName } from "./image-path.js";

export interface ImageNames {
  readonly count: number;
  /** As written; each once. */
  readonly stacks: readonly string[];
  /** Int32[count]: which of `stacks`. */
  readonly stackOf: Int32Array;
  /** Int32[count], from 0, within the stack. */
  readonly indexOf: Int32Array;
}

const MOST_IMAGES = 2 ** 31;

/** Names from stacks and indices (from 0) row by row. Two spellings of one path are one stack. */
export function imageNames(
  count: number,
  nameAt: (row: number) => { readonly stack: string; readonly index: number },
): ImageNames {
  const stacks: string[] = [];
  const places = new Map<string, number>();
  const stackOf = new Int32Array(count);
  const indexOf = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    const { stack, index } = nameAt(row);
    let place = places.get(stack);
    if (place === undefined) {
      const same = posix.normalize(stack);
      place = places.get(same) ?? stacks.push(stack) - 1;
      // Kept flat, not as a slice that would keep the whole line of the file alive.
      places.set(Buffer.from(stack).toString(), place).set(same, place);
    }
    stackOf[row] = place;
    indexOf[row] = index;
  }
  return { count, stacks, stackOf, indexOf };
}

/** Names from texts as 000001@stack.mrcs. `where` appears in messages only. */
export function parseImageNames(texts: readonly string[], where: string): ImageNames {
  return imageNames(texts.length, (row) => {
    const name = parseImageName(texts[row]!, `${where} row ${row + 1}`);
    if (name.index < MOST_IMAGES) return name;
    throw new IolausError(
      "bad-file",
      `${where} row ${row + 1}: expected an image of a stack, got number ${name.index + 1}`,
    );
  });
}

/** `12@Extract/job007/a.mrcs` of every image. */
export function imageKeys({ count, stacks, stackOf, indexOf }: ImageNames): string[] {
  return Array.from({ length: count }, (_, i) => imageKey({ index: indexOf[i]!, stack: stacks[stackOf[i]!]! }));
}
