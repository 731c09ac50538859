/** @file Many stacks behind a bounded number of open files. */
import { MrcStack } from "./mrc-stack.js";

const OPEN_AT_MOST = 64;

/** Stacks opened when asked for; the one used longest ago is closed when there are too many. */
export class StackPool {
  readonly #open = new Map<string, MrcStack>();

  /** The stack at `path`, good until the next call. */
  get(path: string): MrcStack {
    const stack = this.#open.get(path) ?? new MrcStack(path);
    this.#open.delete(path); // a Map keeps the order of insertion: the last one used goes to the end
    this.#open.set(path, stack);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN_AT_MOST && oldest !== undefined) {
      this.#open.get(oldest)?.close();
      this.#open.delete(oldest);
    }
    return stack;
  }

  /** How many files are open. */
  get size(): number {
    return this.#open.size;
  }

  close(): void {
    for (const stack of this.#open.values()) stack.close();
    this.#open.clear();
  }
}
