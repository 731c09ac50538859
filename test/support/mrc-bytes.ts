/** @file MRC files made byte by byte, independently of src/io: any mode, either byte order, any order of axes. */

export interface MrcBytes {
  /** Columns, rows, sections. */
  readonly n: readonly [number, number, number];
  /** Numbers as stored; bit patterns in mode 12. */
  readonly values: ArrayLike<number>;
  readonly mode?: 0 | 1 | 2 | 6 | 12;
  readonly little?: boolean;
  readonly pixelSizeAngstrom?: number;
  readonly axes?: readonly [number, number, number];
  readonly extendedBytes?: number;
  readonly tag?: string;
}

/** The bytes of the file. */
export function mrcBytes(file: MrcBytes): Uint8Array {
  const { n, values, mode = 2, little = true, pixelSizeAngstrom = 1.5, axes = [1, 2, 3], extendedBytes = 0 } = file;
  const { tag = "MAP " } = file;
  const width = { 0: 1, 1: 2, 2: 4, 6: 2, 12: 2 }[mode];
  const bytes = new Uint8Array(1024 + extendedBytes + values.length * width).fill(7, 1024);
  const view = new DataView(bytes.buffer);
  n.forEach((size, k) => {
    view.setInt32(4 * k, size, little);
    const axis = axes[k]! - 1; // intervals and cell lie along X, Y, Z
    view.setInt32(28 + 4 * axis, size, little);
    view.setFloat32(40 + 4 * axis, size * pixelSizeAngstrom, little);
    view.setInt32(64 + 4 * k, axes[k]!, little);
  });
  view.setInt32(12, mode, little);
  view.setInt32(92, extendedBytes, little);
  for (let i = 0; i < tag.length; i++) view.setUint8(208 + i, tag.charCodeAt(i));
  view.setUint16(212, little ? 0x4444 : 0x1111);
  for (let i = 0, at = 1024 + extendedBytes; i < values.length; i++, at += width) {
    const value = values[i]!;
    if (mode === 0) view.setInt8(at, value);
    else if (mode === 1) view.setInt16(at, value, little);
    else if (mode === 2) view.setFloat32(at, value, little);
    else view.setUint16(at, value, little);
  }
  return bytes;
}
