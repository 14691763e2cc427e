import { once } from 'node:events';
import { createServer } from 'node:net';

/** Ports that no system gives to connections on their way out, nor to servers that leave the choice to it. */
const lowest = 10_000;
const highest = 32_000;

/**
 * A port on which nobody listens, for a server that is started later, and again on the same port. A port that the system
 * chose could go to somebody else's connection meanwhile: even to one that looks for that very server, and then finds
 * itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return port;
    } catch {
      // Somebody listens there.
    } finally {
      server.close();
    }
  }
}
