export function toList(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** A client may be set up to give bytes. */
export function toText(reply: unknown): string | undefined {
  return typeof reply === 'string' ? reply : Buffer.isBuffer(reply) ? reply.toString('utf8') : undefined;
}
