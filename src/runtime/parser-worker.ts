/** The thread in which large texts are read. Started by parser-thread.ts alone. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { locateProblems, readFlagDocumentText, type SourceText } from '../flags/flag-document-text.js';
import type { Problem } from '../flags/problem.js';

export interface ParserRequest {
  readonly port: MessagePort;
  readonly sources: readonly SourceText[];
  readonly maxBytes: number | undefined;
}

export type ParserReply =
  | { readonly type: 'flags'; readonly entries: readonly [string, unknown][] }
  | { readonly type: 'rest'; readonly rest: unknown; readonly problems: readonly Problem[] }
  | { readonly type: 'located'; readonly problems: readonly Problem[] };

/** How many flags one message carries: few enough to be copied within a millisecond or two. */
const FLAGS_PER_MESSAGE = 250;

function serve({ port, sources, maxBytes }: ParserRequest): void {
  const text = readFlagDocumentText(sources, { maxBytes });
  const reply = (message: ParserReply): void => port.postMessage(message);
  const { document } = text;
  const flags = hasFlags(document) ? Object.entries(document.flags) : [];
  for (let index = 0; index < flags.length; index += FLAGS_PER_MESSAGE) {
    reply({ type: 'flags', entries: flags.slice(index, index + FLAGS_PER_MESSAGE) });
  }
  const rest = flags.length === 0 ? document : { ...(document as object), flags: {} };
  reply({ type: 'rest', rest, problems: text.problems });
  parentPort?.postMessage('read');

  port.on('message', (problems: readonly Problem[]) => {
    reply({ type: 'located', problems: locateProblems(problems, text) });
    parentPort?.postMessage('located');
  });
}

function hasFlags(document: unknown): document is { readonly flags: object } {
  if (typeof document !== 'object' || document === null || !('flags' in document)) return false;
  return typeof document.flags === 'object' && document.flags !== null && !Array.isArray(document.flags);
}

serve(workerData as ParserRequest);
