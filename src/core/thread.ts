/** @file A worker thread that answers one message with one message, in order: this end, and the worker's. */
import { parentPort, Worker } from "node:worker_threads";
import { IolausError } from "./errors.js";

/** What a worker posts: an answer, or the message of what failed. */
type ThreadReply<Answer> = { readonly answer: Answer } | { readonly error: string };

export interface Thread<Question, Answer> {
  /** `lent`: memory that goes over to the worker instead of being copied. */
  ask(question: Question, lent?: readonly ArrayBuffer[]): Promise<Answer>;
  close(): Promise<void>;
}

/** Open the worker at `file`; `task` names it in errors. It does not keep the process alive while it has nothing to do. */
export function openThread<Question, Answer>(file: URL, workerData: unknown, task: string): Thread<Question, Answer> {
  const worker = new Worker(file, { workerData });
  worker.unref();
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  let dead: Error | undefined;
  const die = (error: Error): void => {
    dead ??= error;
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  worker.on("message", (reply: ThreadReply<Answer>) => {
    const asked = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if ("error" in reply) asked?.reject(new IolausError("internal", `${task}: ${reply.error}`));
    else asked?.resolve(reply.answer);
  });
  worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => die(new IolausError("internal", `${task}: the thread ended with code ${code}`)));
  return {
    ask: (question, lent = []) =>
      new Promise((resolve, reject) => {
        if (dead !== undefined) {
          reject(dead);
          return;
        }
        worker.ref();
        waiting.push({ resolve, reject });
        worker.postMessage(question, lent);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** The built file `name` beside the module `here` (import.meta.url), for TypeScript sources (tests) too. */
export function builtFile(here: string, name: string): URL {
  const beside = new URL(`./${name}`, here);
  return here.endsWith(".ts") ? new URL(beside.href.replace("/src/", "/dist/")) : beside;
}

/** Deal requests to threads, each to one that is free: the answers in order. The first failure is not waited for. */
export async function dealt<Question, Answer>(
  threads: readonly Pick<Thread<Question, Answer>, "ask">[],
  requests: readonly Question[],
): Promise<Answer[]> {
  const answers = new Array<Answer>(requests.length);
  let next = 0;
  const work = threads.map(async ({ ask }) => {
    for (let r = next++; r < requests.length; r = next++) answers[r] = await ask(requests[r]!);
  });
  await Promise.all(work).catch((error: unknown) => {
    next = requests.length;
    throw error;
  });
  return answers;
}

/** In a worker: answer every question. `lent`: memory of an answer that goes over instead of being copied. */
export function answerWith<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
  lent: (answer: Answer) => ArrayBuffer[] = () => [],
): void {
  const reply = (message: ThreadReply<Answer>, memory: ArrayBuffer[]): void => parentPort?.postMessage(message, memory);
  parentPort?.on("message", async (question: Question) => {
    try {
      const found = await answer(question);
      reply({ answer: found }, lent(found));
    } catch (error) {
      reply({ error: error instanceof Error ? error.message : String(error) }, []);
    }
  });
}
