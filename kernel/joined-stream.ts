/**
 * @file Joins what a cell prints in one burst into few messages: a front end needs milliseconds for each.
 *
 * Text waits for the end of the event loop's turn, 50 ms of a busy turn, or 16 kB, whichever comes first.
 */

export type WriteStream = (name: string, text: string) => void;

export interface JoinedStream {
  readonly write: WriteStream;
  /** Send what waits; call before anything that must come after it. */
  flush(): void;
}

const longestWaitMs = 50;
const longestText = 16_384;

export function joinedStream(send: WriteStream): JoinedStream {
  let [waiting, waitingName, since] = ["", "stdout", 0];
  const flush = (): void => {
    if (waiting !== "") send(waitingName, waiting);
    waiting = "";
  };
  const write: WriteStream = (name, text) => {
    if (name !== waitingName) flush();
    if (waiting === "") {
      since = performance.now();
      setImmediate(flush);
    }
    waiting += text;
    waitingName = name;
    if (waiting.length >= longestText || performance.now() - since >= longestWaitMs) flush();
  };
  return { write, flush };
}
