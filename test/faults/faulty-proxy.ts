import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of what a proxy carries. */
type Carriage =
  /** It arrives. */
  | 'whole'
  /** Each connection ends somewhere within its first answers. */
  | 'cut'
  /** Nothing arrives any more, and nobody is told. */
  | 'swallowed'
  /** Each connection ends as soon as it is made. */
  | 'refused';

/** A network between a service and its server that the tests can break. */
export class FaultyProxy {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #swallowed = new WeakSet<Socket>();
  #targetPort: number;
  #carriage: Carriage = 'whole';
  #accepted = 0;
  /** How many bytes of answers a connection carries, at most, before it is cut. */
  #longestAnswer = 0;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.#targetPort = targetPort;
    server.on('connection', (client: Socket) => this.#carry(client));
  }

  /** On a port of this machine that the system chooses. */
  static async start(targetPort: number): Promise<FaultyProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyProxy(server, targetPort);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections it has seen. */
  get accepted(): number {
    return this.#accepted;
  }

  /** New connections get through. Those that were swallowed stay dead, as after a router forgot them. */
  heal(): void {
    this.#carriage = 'whole';
  }

  /** Ends what was swallowed, as a system does that has waited long enough. */
  giveUp(): void {
    for (const connection of this.#connections) if (this.#swallowed.has(connection)) connection.destroy();
  }

  /** Ends all connections, and new ones after at most so many bytes of answers: in the middle of one. */
  cut(longestAnswer: number): void {
    this.#carriage = 'cut';
    this.#longestAnswer = longestAnswer;
    this.#endAll();
  }

  /** Takes in everything and gives out nothing: nobody learns that the other is gone. */
  swallow(): void {
    this.#carriage = 'swallowed';
    for (const connection of this.#connections) this.#forget(connection);
  }

  /** Ends all connections, and new ones at once. */
  refuse(): void {
    this.#carriage = 'refused';
    this.#endAll();
  }

  /** Leads to another server from now on. */
  lead(targetPort: number): void {
    this.#targetPort = targetPort;
    this.#endAll();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#endAll();
    await once(this.#server, 'close');
  }

  #carry(client: Socket): void {
    this.#accepted += 1;
    this.#hold(client);
    if (this.#carriage === 'refused') client.destroy();
    else if (this.#carriage === 'swallowed') this.#forget(client);
    else this.#connect(client);
  }

  #connect(client: Socket): void {
    const server = connect(this.#targetPort, '127.0.0.1');
    this.#hold(server);
    client.on('close', () => server.destroy()).on('data', (chunk: Buffer) => server.write(chunk));
    server.on('close', () => client.destroy()).on('data', this.#answering(client));
  }

  #answering(client: Socket): (chunk: Buffer) => void {
    if (this.#carriage !== 'cut') return (chunk) => void client.write(chunk);
    let left = Math.floor(Math.random() * this.#longestAnswer);
    return (chunk) => {
      client.write(chunk.subarray(0, left), () => {
        if (left <= 0) client.destroy();
      });
      left -= chunk.length;
    };
  }

  #forget(connection: Socket): void {
    connection.removeAllListeners('data').resume();
    this.#swallowed.add(connection);
  }

  #hold(connection: Socket): void {
    this.#connections.add(connection);
    connection.on('error', () => undefined).on('close', () => this.#connections.delete(connection));
  }

  #endAll(): void {
    for (const connection of this.#connections) connection.destroy();
  }
}
