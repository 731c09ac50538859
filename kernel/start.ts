/**
 * @file The Jupyter kernel's process: `node start.js CONNECTION_FILE`.
 *
 * tslab's server speaks the protocol. It sends no `execute_input` and no `error` message; both are added here where the
 * server's inside is as known (tslab 1.0.22), so that saved notebooks carry execution counts and structured errors.
 */
import { ZmqServer } from "tslab/dist/jupyter.js";
import { joinedStream, type WriteStream } from "./joined-stream.js";
import { sendPlotlyLibrary } from "./rich-display.js";
import { openSession, type TslabSession } from "./tslab-session.js";

const session = openSession(process.cwd());
const server = new ZmqServer(session.handler, process.argv[2] ?? "");
completeProtocol(server as unknown as ServerInside, session);
sendPlotlyLibrary();
process.on("SIGINT", () => session.executor.interrupt());
process.on("uncaughtException", (error) => console.error("UncaughtException:", error));
process.on("unhandledRejection", (reason) => console.error("UnhandledPromiseRejection:", reason));
await server.init();
loseNoOutput((server as unknown as ServerInside).iopub);

/** The parts of tslab's message and server that its declarations keep private. */
interface Message {
  readonly content: { readonly code: string };
  createReply(): { header: { msg_type: string }; content: object; signAndSend(key: string, socket: unknown): void };
}

interface ServerInside {
  connInfo: { key: string };
  iopub: Publisher;
  handler: HandlerInside;
  handleExecute?(socket: unknown, message: Message): Promise<void>;
}

/** A ZeroMQ socket (zeromq.js 6). */
interface Publisher {
  sendHighWaterMark: number;
  sendTimeout: number;
}

interface HandlerInside {
  execCount: number;
  handleExecute(
    request: { code: string },
    writeStream: WriteStream,
    writeDisplay: (content: object, update: boolean) => void,
  ): Promise<object>;
  handleExecuteImpl?(request: { code: string }, ...writers: unknown[]): Promise<object>;
}

type Publish = (type: string, content: object) => void;

/** As made, the socket refuses the 513th message of one burst (unless sends may not wait) and drops from the 1000th on. */
function loseNoOutput(iopub: Publisher): void {
  iopub.sendHighWaterMark = 0;
  iopub.sendTimeout = 0;
}

function completeProtocol(inside: ServerInside, { takeError }: TslabSession): void {
  const { handler } = inside;
  const publishers = new WeakMap<object, Publish>();

  const serve = inside.handleExecute?.bind(inside);
  if (serve !== undefined)
    inside.handleExecute = async (socket, message) => {
      publishers.set(message.content, (type, content) => {
        const reply = message.createReply();
        reply.header.msg_type = type;
        reply.content = content;
        reply.signAndSend(inside.connInfo.key, inside.iopub);
      });
      await serve(socket, message);
    };

  const run = handler.handleExecuteImpl?.bind(handler);
  if (run !== undefined)
    handler.handleExecuteImpl = async (request, ...writers) => {
      const content = { code: request.code, execution_count: handler.execCount + 1 };
      publishers.get(request)?.("execute_input", content);
      return run(request, ...writers);
    };

  const execute = handler.handleExecute.bind(handler);
  handler.handleExecute = async (request, writeStream, writeDisplay) => {
    const { write, flush } = joinedStream(writeStream);
    const reply = await execute(request, write, (content, update) => {
      flush();
      writeDisplay(content, update);
    });
    flush();
    const error = takeError();
    if (error === undefined) return reply;
    const publish = publishers.get(request);
    if (publish === undefined) process.stderr.write(`${error.traceback.join("\n")}\n`);
    else publish("error", error);
    return { ...reply, ...error };
  };
}
