/** @file AssemblyScript: what `npm run wasm` compiles into slices-wasm.ts. */
export { open } from "./room";
export { moments, moves, score } from "./scores";
export { centre, slice, slopes } from "./slices";
