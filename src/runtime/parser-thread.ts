import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FlagDocumentText, SourceText } from '../flags/flag-document-text.js';
import type { Problem } from '../flags/problem.js';
import type { ParserReply, ParserRequest } from './parser-worker.js';

/** A text that another thread has read. `close` ends the thread. */
export interface ThreadedText {
  readonly document: unknown;
  readonly problems: readonly Problem[];
  locate(problems: readonly Problem[]): Promise<readonly Problem[]>;
  close(): Promise<void>;
}

/**
 * Reads a large text in a thread of its own, so that requests are served meanwhile. The document comes back in parts,
 * and other work is let in between them.
 */
export async function readInThread(
  sources: readonly SourceText[],
  maxBytes: number | undefined,
): Promise<ThreadedText> {
  const { port1: port, port2: workerPort } = new MessageChannel();
  const request: ParserRequest = { port: workerPort, sources, maxBytes };
  // @ts-ignore -- CommonJS has no import.meta: there the build writes __filename instead.
  const here = import.meta.url;
  const worker = new Worker(new URL('./parser-worker.js', here), { workerData: request, transferList: [workerPort] });
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The parser thread ended with code ${code}.`)));
  });
  failed.catch(() => undefined);
  const replied = async (): Promise<void> => {
    await Promise.race([failed, new Promise((resolve) => worker.once('message', resolve))]);
  };
  const close = async (): Promise<void> => {
    port.close();
    await worker.terminate();
  };

  try {
    await replied();
    const { document, problems } = await receiveDocument(port, failed);
    return {
      document,
      problems,
      locate: async (found) => {
        const answered = replied();
        port.postMessage(found);
        await answered;
        const reply = receive(port);
        return reply?.type === 'located' ? reply.problems : found;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes the parts one by one: each is copied into this thread only when it is taken. Rejects if the thread dies meanwhile. */
async function receiveDocument(
  port: MessagePort,
  failed: Promise<never>,
): Promise<Pick<FlagDocumentText, 'document' | 'problems'>> {
  const flags: [string, unknown][] = [];
  for (;;) {
    const reply = receive(port);
    if (reply?.type === 'flags') flags.push(...reply.entries);
    if (reply?.type === 'rest') {
      const { rest, problems } = reply;
      const document = flags.length === 0 ? rest : { ...(rest as object), flags: Object.fromEntries(flags) };
      return { document, problems };
    }
    await Promise.race([failed, nextTurn()]);
  }
}

function receive(port: MessagePort): ParserReply | undefined {
  return (receiveMessageOnPort(port) as { message: ParserReply } | undefined)?.message;
}
