import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, counts what the server sends, and can be a bad network. */
export class TcpProxy {
  /** How much the server has sent, in bytes. */
  sent = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => this.#join(client, connect(target)));
  }

  static async start(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) || 5432 });
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** The server's URL, by way of the proxy. */
  through(url: string): string {
    const address = this.#server.address();
    const proxied = new URL(url);
    if (address !== null && typeof address !== 'string') proxied.host = `127.0.0.1:${address.port}`;
    return proxied.href;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** From now on nothing arrives any more, on either side. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** New connections get through; what was stalled stays so. */
  flowForNew(): void {
    this.#isStalled = false;
  }

  flow(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    const pairs: readonly (readonly [Socket, Socket])[] = [
      [client, server],
      [server, client],
    ];
    for (const [from, to] of pairs) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (from === server) this.sent += bytes.length;
        to.write(bytes);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#isStalled) from.pause();
    }
  }
}
