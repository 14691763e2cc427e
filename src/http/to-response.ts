import type { FetchedRequest } from './fetched-request.js';
import { type HttpAnswer, isOpenBody, type OpenBody } from './http-answer.js';

export function toResponse({ status, headers, body }: HttpAnswer, request: FetchedRequest): Response {
  const list = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) list.append(name, one);
  const hasBody = body !== undefined && request.method !== 'HEAD';
  return new Response(hasBody ? toBodyInit(body, request.signal) : null, { status, headers: list });
}

function toBodyInit(
  body: string | Buffer | OpenBody,
  signal: AbortSignal,
): string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  if (isOpenBody(body)) return toStream(body, signal);
  // A copy: whoever reads a response may take its bytes away, and these may be sent to others, too.
  return typeof body === 'string' ? body : new Uint8Array(body);
}

function toStream(body: OpenBody, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let close = (): void => undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const finish = (end: () => void): void => {
      signal.removeEventListener('abort', abort);
      const told = close;
      close = () => undefined;
      end();
      told();
    };
    const abort = (): void => finish(() => controller.error(new Error('The event stream was given up.')));
    close = body.open({
      write(text) {
        controller.enqueue(encoder.encode(text));
        return -Math.min(controller.desiredSize ?? 0, 0);
      },
      end: () => finish(() => controller.close()),
      abort,
    });
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  };
  // What waits is counted in bytes.
  const strategy = { highWaterMark: 0, size: (chunk: Uint8Array | undefined) => chunk?.byteLength ?? 0 };
  return new ReadableStream<Uint8Array>({ start, cancel: () => close() }, strategy);
}
