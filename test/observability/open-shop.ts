import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHalyard, fileStore, type Halyard } from 'halyard';
import { Registry } from 'prom-client';
import { createShop } from '../../examples/express-shop/shop.js';
import { quietLogger } from '../telemetry/quiet-logger.js';

/** The example shop, open on a port of its own. */
export interface OpenShop {
  /** Host and port. */
  readonly address: string;
  readonly registry: Registry;
  readonly halyard: Halyard;
  /** Sends a request as a customer, and returns the status of the answer. */
  request(method: 'GET' | 'POST', path: string, user?: string): Promise<number>;
  close(): Promise<void>;
}

/** Opens the example shop with a copy of its flags, since whoever kills one writes beside them. */
export async function openShop(): Promise<OpenShop> {
  const folder = await mkdtemp(join(tmpdir(), 'halyard-shop-'));
  const flagFile = join(folder, 'flags.yaml');
  await copyFile(fileURLToPath(new URL('../../examples/express-shop/flags.yaml', import.meta.url)), flagFile);
  const registry = new Registry();
  const cache = join(folder, 'flags.cache');
  const halyard = await createHalyard({ store: fileStore(flagFile), cache, registry, logger: quietLogger });
  const server = createServer(createShop(halyard, registry)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    registry,
    halyard,
    async request(method, path, user = 'guest') {
      const response = await fetch(`http://${address}${path}`, { method, headers: { 'x-user': user } });
      await response.arrayBuffer();
      return response.status;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await halyard.close();
      await rm(folder, { recursive: true });
    },
  };
}
