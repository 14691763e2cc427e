import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the fleet, as its neighbours see it. */
export interface Service {
  readonly host: string;
  readonly process: ChildProcess;
  /** Where it listens, once it does. */
  readonly url: Promise<string>;
}

export function startService(host: string, ...parameters: readonly string[]): Service {
  const child = fork(fileURLToPath(new URL('service.ts', import.meta.url)), [...parameters, host]);
  const url = Promise.race([addressOf(child), failureOf(child, host)]);
  // Whoever wants the address is told.
  url.catch(() => undefined);
  return { host, process: child, url };
}

export async function endService({ process: child }: Service): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  // One that hangs goes on to its end.
  child.kill('SIGCONT');
  await exit;
}

/** What a customer sees: 201, or 503 from the kill switch. */
export async function pay({ url }: Service): Promise<number> {
  const response = await fetch(`${await url}/pay`, { method: 'POST' });
  await response.body?.cancel();
  return response.status;
}

/** Asks without a pause until the service gives that status. Returns when it did, in milliseconds by `performance.now()`. */
export async function whenPaying(service: Service, status: number): Promise<number> {
  while ((await pay(service)) !== status);
  return performance.now();
}

async function addressOf(child: ChildProcess): Promise<string> {
  const [port] = (await once(child, 'message')) as [number];
  return `http://localhost:${port}`;
}

async function failureOf(child: ChildProcess, host: string): Promise<never> {
  await once(child, 'exit');
  throw new Error(`${host} has ended.`);
}
