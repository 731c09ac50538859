declare module "gifenc" {
  /** One entry of a palette: red, green, blue. */
  type Colour = readonly number[];
  interface Encoder {
    /** The palette of the first frame is that of all frames without one. `delay` in ms; `repeat` 0: for ever, −1: once. */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { readonly palette?: readonly Colour[]; readonly delay: number; readonly repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  export function GIFEncoder(): Encoder;
  /** At most `maxColors` colours for RGBA pixels. */
  export function quantize(rgba: Uint8Array, maxColors: number): Colour[];
  /** Number of the nearest colour, pixel by pixel. */
  export function applyPalette(rgba: Uint8Array, palette: readonly Colour[]): Uint8Array;
}
