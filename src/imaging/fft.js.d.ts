declare module "fft.js" {
  /** Radix-4 complex transform of power-of-two size (indutny/fft.js). */
  // biome-ignore lint/style/noDefaultExport: the library exports so
  export default class FFT {
    constructor(size: number);
    readonly size: number;
    createComplexArray(): number[];
    transform(out: ArrayLike<number>, data: ArrayLike<number>): void;
    inverseTransform(out: ArrayLike<number>, data: ArrayLike<number>): void;
  }
}
