/**
 * @file What tslab 1.0.22 leaves out of Jupyter's protocol, added where the inside of its server is as known.
 *
 * `execute_input` and `error` messages, so that saved notebooks carry execution counts and structured errors; the right
 * answers to `comm_info_request` and to cells that were aborted; no words about messages it does not know; cells that
 * were asked to go on after an error (`--allow-errors`) do.
 */
import { joinedStream, type WriteStream } from "./joined-stream.js";
import { withOutlines } from "./selectable.js";
import type { TslabSession } from "./tslab-session.js";

/** The parts of tslab's server that its declarations keep private. */
export interface ServerInside {
  readonly connInfo: { readonly key: string };
  readonly iopub: Publisher;
  readonly handler: HandlerInside;
  handleExecute?(socket: unknown, message: Message): Promise<void>;
  handleShellMessage?(socket: unknown, ...parts: Buffer[]): Promise<void>;
  handleCommInfoRequest?(socket: unknown, message: Message): void;
  close?(): void;
}

/** A ZeroMQ socket (zeromq.js 6). */
interface Publisher {
  sendHighWaterMark: number;
  sendTimeout: number;
}

interface Message {
  readonly content: ExecuteRequest;
  createReply(): { header: { msg_type: string }; content: object; signAndSend(key: string, socket: unknown): void };
}

interface ExecuteRequest {
  readonly code: string;
  readonly stop_on_error?: boolean;
}

interface HandlerInside {
  execCount: number;
  readonly execQueue?: { reset(delay?: number): void };
  handleExecute(
    request: ExecuteRequest,
    writeStream: WriteStream,
    writeDisplay: (content: object, update: boolean) => void,
  ): Promise<{ readonly status?: string }>;
  handleExecuteImpl?(request: ExecuteRequest, ...writers: unknown[]): Promise<object>;
  handleShutdown?(request: { readonly restart?: boolean }): object;
}

type Publish = (type: string, content: object) => void;

/** Call before the server begins. `end` is called when Jupyter asks the kernel to end. */
export function completeProtocol(inside: ServerInside, session: TslabSession, end: () => void): void {
  const publishers = new WeakMap<object, Publish>();
  tellInputs(inside, publishers);
  tellErrors(inside, session, publishers);
  answerRest(inside);
  endInOrder(inside, end);
}

/** As made, the socket refuses the 513th message of one burst (unless sends may not wait) and drops from the 1000th on. */
export function loseNoOutput(iopub: Publisher): void {
  iopub.sendHighWaterMark = 0;
  iopub.sendTimeout = 0;
}

function tellInputs(inside: ServerInside, publishers: WeakMap<object, Publish>): void {
  const { handler } = inside;
  const serve = inside.handleExecute?.bind(inside);
  if (serve !== undefined)
    inside.handleExecute = async (socket, message) => {
      publishers.set(message.content, (type, content) => reply(inside, message, inside.iopub, type, content));
      await serve(socket, message);
    };
  const run = handler.handleExecuteImpl?.bind(handler);
  if (run !== undefined)
    handler.handleExecuteImpl = async (request, ...writers) => {
      const content = { code: request.code, execution_count: handler.execCount + 1 };
      publishers.get(request)?.("execute_input", content);
      return run(request, ...writers);
    };
}

/** Requests that arrive so soon after an error were sent before it, and are aborted. tslab's own 200 ms are too long. */
const abortMs = 20;

function tellErrors(inside: ServerInside, { takeError }: TslabSession, publishers: WeakMap<object, Publish>): void {
  const { handler } = inside;
  const execute = handler.handleExecute.bind(handler);
  const queue = handler.execQueue;
  const reset = queue?.reset.bind(queue);
  handler.handleExecute = async (request, writeStream, writeDisplay) => {
    const { write, flush } = joinedStream(writeStream);
    const goesOn = request.stop_on_error === false;
    if (queue !== undefined) queue.reset = (delay) => reset?.(delay === undefined || goesOn ? undefined : abortMs);
    const answer = await execute(request, write, (content, update) => {
      flush();
      writeDisplay(content, update);
    });
    flush();
    if (answer.status === "abort") return { ...answer, status: "aborted" };
    const error = takeError();
    if (error === undefined) return withRecord(answer, request.code);
    const publish = publishers.get(request);
    if (publish === undefined) process.stderr.write(`${error.traceback.join("\n")}\n`);
    else publish("error", error);
    return { ...answer, ...error };
  };
}

/** Asks the front end to write the outlines that were drawn into the cell. */
function withRecord(answer: object, code: string): object {
  const text = withOutlines(code);
  return text === undefined ? answer : { ...answer, payload: [{ source: "set_next_input", text, replace: true }] };
}

/** Messages about widgets, histories and debuggers, of which this kernel has none. */
const unanswered = /^(comm_(open|msg|close)|history_request|debug_request|interrupt_request)$/;

function answerRest(inside: ServerInside): void {
  inside.handleCommInfoRequest = (socket, message) =>
    reply(inside, message, socket, "comm_info_reply", { status: "ok", comms: {} });
  const serve = inside.handleShellMessage?.bind(inside);
  if (serve !== undefined)
    inside.handleShellMessage = async (socket, ...parts) => {
      if (!unanswered.test(messageType(parts))) await serve(socket, ...parts);
    };
}

/** Parts of a message: identities, a delimiter, a signature, the header. */
function messageType(parts: readonly Buffer[]): string {
  const at = parts.findIndex((part) => part.equals(delimiter));
  const { msg_type } = JSON.parse(String(parts[at + 2] ?? "{}")) as { msg_type?: string };
  return msg_type ?? "";
}

const delimiter = Buffer.from("<IDS|MSG>");

function endInOrder(inside: ServerInside, end: () => void): void {
  inside.handler.handleShutdown = ({ restart = false }) => {
    end();
    return { status: "ok", restart };
  };
  const close = inside.close?.bind(inside);
  inside.close = () => {
    close?.();
    // A run that ends still shows its last state.
    Object.defineProperty(inside.iopub, "send", { value: async () => {} });
  };
}

function reply(inside: ServerInside, message: Message, socket: unknown, type: string, content: object): void {
  const answer = message.createReply();
  answer.header.msg_type = type;
  answer.content = content;
  answer.signAndSend(inside.connInfo.key, socket);
}
