/** @file A reader of GIF files after the specification (GIF89a), for tests of what writes them. */

export interface GifFrame {
  /** Hundredths of a second. */
  readonly delay: number;
  /** Uint8[height width 3]. */
  readonly rgb: Uint8Array;
}

export interface Gif {
  readonly width: number;
  readonly height: number;
  /** Times the frames are repeated, 0: for ever; undefined: shown once. */
  readonly loops?: number;
  readonly frames: readonly GifFrame[];
}

/** Refuses whatever is not a whole file of opaque frames that fill the screen in the colours of the file. */
export function readGif(bytes: Uint8Array): Gif {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (Buffer.from(bytes.subarray(0, 6)).toString("latin1") !== "GIF89a") throw new Error("no GIF89a");
  const [width, height, flags] = [view.getUint16(6, true), view.getUint16(8, true), bytes[10]!];
  if ((flags & 0x80) === 0) throw new Error("no colours of the file");
  const colours = bytes.subarray(13, 13 + 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + colours.length;
  const blocks = (): Uint8Array => {
    const parts: number[] = [];
    for (let size = bytes[at++]!; size > 0; size = bytes[at++]!) {
      parts.push(...bytes.subarray(at, at + size));
      at += size;
    }
    return Uint8Array.from(parts);
  };
  const frames: GifFrame[] = [];
  let [delay, loops]: [number, number | undefined] = [0, undefined];
  for (;;) {
    const kind = bytes[at++];
    if (kind === 0x3b) break;
    if (kind === 0x21) {
      const label = bytes[at++];
      const body = blocks();
      if (label === 0xf9) delay = body[1]! + 256 * body[2]!;
      if (label === 0xff && Buffer.from(body.subarray(0, 11)).toString("latin1") === "NETSCAPE2.0")
        loops = body[12]! + 256 * body[13]!;
    } else if (kind === 0x2c) {
      const place = [0, 2, 4, 6].map((o) => view.getUint16(at + o, true));
      if (place.join() !== [0, 0, width, height].join() || bytes[at + 8] !== 0) throw new Error(`frame at ${place}`);
      at += 9;
      const codeSize = bytes[at++]!;
      const indices = unpacked(blocks(), codeSize, width * height);
      const rgb = new Uint8Array(3 * width * height);
      indices.forEach((index, i) => {
        rgb.set(colours.subarray(3 * index, 3 * index + 3), 3 * i);
      });
      frames.push({ delay, rgb });
    } else throw new Error(`block ${kind} at ${at - 1}`);
  }
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes after the end`);
  return { width, height, frames, ...(loops !== undefined && { loops }) };
}

/** LZW of variable length (Welch 1984), least significant bit first. */
function unpacked(data: Uint8Array, codeSize: number, count: number): number[] {
  const [clear, end] = [2 ** codeSize, 2 ** codeSize + 1];
  const out: number[] = [];
  let table: number[][] = [];
  let [width, bits, held, before]: [number, number, number, number[] | undefined] = [codeSize + 1, 0, 0, undefined];
  for (const byte of data) {
    held |= byte << bits;
    bits += 8;
    while (bits >= width) {
      const code = held & (2 ** width - 1);
      held >>= width;
      bits -= width;
      if (code === end) {
        if (out.length !== count) throw new Error(`${out.length} pixels of ${count}`);
        return out;
      }
      if (code === clear) {
        table = Array.from({ length: end + 1 }, (_, i) => [i]);
        [width, before] = [codeSize + 1, undefined];
        continue;
      }
      const word: number[] = table[code] ?? [...before!, before![0]!];
      if (before !== undefined && table.length < 4096) table.push([...before, word[0]!]);
      out.push(...word);
      before = word;
      if (table.length === 2 ** width && width < 12) width++;
    }
  }
  throw new Error("cut short");
}
