import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { HttpStoreError } from './http-store-error.js';

/**
 * Reads a body and unpacks it. One that is too large is cut off where it is, packed or unpacked, so that few bytes can't
 * become many.
 *
 * @param where the address, for the error
 */
export async function readBody(
  response: IncomingMessage,
  maxBytes: number,
  where: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const limit = (): ((source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>) => limitTo(maxBytes, where);
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) chunks.push(chunk);
  };
  try {
    const unpack = unpackerOf(response, where);
    if (unpack === undefined) await pipeline(response, limit(), collect, { signal });
    else await pipeline(response, limit(), unpack, limit(), collect, { signal });
  } catch (error) {
    response.destroy();
    throw error;
  }
  return Buffer.concat(chunks);
}

function limitTo(maxBytes: number, where: string): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (source) {
    let length = 0;
    for await (const chunk of source) {
      length += chunk.length;
      if (length > maxBytes)
        throw new HttpStoreError(`${where}: the answer has more than ${maxBytes} bytes (maxBytes).`);
      yield chunk;
    }
  };
}

function unpackerOf({ headers }: IncomingMessage, where: string): Transform | undefined {
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (coding === 'gzip') return createGunzip();
  if (coding === 'br') return createBrotliDecompress();
  if (coding === 'identity') return undefined;
  throw new HttpStoreError(
    `${where}: the answer is packed in a way that was not asked for. Only gzip and br are right.`,
  );
}
