import type { RedisScript } from './redis-scripts.js';

/** By its hash, which is short; a server that has not seen it yet, or has forgotten it, gets the text. */
export async function runScript<Reply>(
  script: RedisScript,
  byHash: (sha1: string) => Promise<Reply>,
  byText: (text: string) => Promise<Reply>,
): Promise<Reply> {
  try {
    return await byHash(script.sha1);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return await byText(script.text);
  }
}
