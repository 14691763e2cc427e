import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Coding } from '../http/content-coding.js';

/** Below this many bytes, packing saves nothing worth its time. */
const SMALL = 1_024;

/** Brotli's best takes seconds for a large document; from here on it is hardly smaller. */
const BROTLI_QUALITY = 5;

const pack: Readonly<Record<Coding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: promisify(gzip),
};

/** A body that is sent to many, packed once in each way that somebody wants. */
export class PackedBody {
  readonly plain: Buffer;
  readonly #packed = new Map<Coding, Promise<Buffer>>();

  constructor(text: string) {
    this.plain = Buffer.from(text);
  }

  /** Whether packing it is worth the time. */
  get isLarge(): boolean {
    return this.plain.length >= SMALL;
  }

  as(coding: Coding): Promise<Buffer> {
    const packed = this.#packed.get(coding) ?? pack[coding](this.plain);
    this.#packed.set(coding, packed);
    return packed;
  }
}
