/** @file What to write instead of a tfjs kernel that the table lacks. */

const FOURIER = "use the real transforms of iolaus (realDft2, dft, …) on separate real and imaginary parts";
const DATA_DEPENDENT = "its result's shape depends on the data: compute a mask with where or a fixed number with topk";
const RANDOM = "draw random numbers outside and pass them as an input";

export const NEAREST: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["Complex", "Real", "Imag", "FFT", "IFFT"].map((name) => [name, FOURIER])),
  ComplexAbs: "use sqrt(re² + im²) on separate real and imaginary parts",
  ...Object.fromEntries(["Where", "Unique", "NonMaxSuppressionV3"].map((name) => [name, DATA_DEPENDENT])),
  Multinomial: RANDOM,
  Cumprod: "use exp(cumsum(log(x))) for positive x, or multiply slices",
  ...Object.fromEntries(
    ["Conv3D", "AvgPool3D", "MaxPool3D"].map((name) => [name, "fold one axis into the batch and use the 2D kernel"]),
  ),
  Bincount: "use sum(oneHot(x)) or unsortedSegmentSum of ones",
  DenseBincount: "use sum(oneHot(x)) or unsortedSegmentSum of ones",
  SearchSorted: "use sum(greater(values, sorted)) along the sorted axis",
  SparseToDense: "use scatterND",
  CropAndResize: "use slice and image.resizeBilinear",
  Transform: "use gather with weights of the neighbouring pixels",
  RotateWithOffset: "use gather with weights of the neighbouring pixels",
  LRN: "use avgPool of square(x) over the channels",
  Dilation2D: "use maxPool",
  MaxPoolWithArgmax: "use maxPool",
  BitwiseAnd: "use floor, mod and logicalAnd",
};

export function nearestFormulation(kernelName: string): string {
  return NEAREST[kernelName] ?? "write it with the kernels of docs/kernels.md";
}
