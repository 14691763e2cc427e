import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import express from 'express';
import { createHalyard, fileStore } from 'halyard';
import { serve } from 'halyard/express';
import { ofrepHandler } from 'halyard/ofrep';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const halyard = await createHalyard({ store: fileStore(here('flags.yaml')) });
halyard.on('change', ({ flagKeys }) => console.log(`Flags changed: ${flagKeys.join(', ')}`));
const ofrep = ofrepHandler(halyard);

const script = await bundle(here('page.ts'));
const app = express();
app.use(serve(ofrep));
app.get('/', (_request, response) => response.sendFile(here('page.html')));
app.get('/page.js', (_request, response) => void response.type('js').send(script));

const server = createServer(app);
server.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(whatToTry(`http://localhost:${port}`));
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // Pages listen without end; the server waits for them otherwise.
    ofrep.close();
    server.close(() => void halyard.close());
  });
}

/** The page's script with what it imports. */
async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

function whatToTry(url: string): string {
  return `
Open ${url} in a browser, in two windows if you like, and edit ${here('flags.yaml')}:

  greeting           serve: spring                 the headline changes, without a reload
  accent             split: { sea: 0, signal: 1 }  everyone gets the other colour
  payments           enabled: false                the button is gone, and comes back with true
  fraud-check        whatever you write            the page never hears of it

On the page, choose the plan "pro": express-delivery has a rule for it.
The protocol, with nothing but a shell:

  curl -i ${url}/ofrep/v1/evaluate/flags -H 'content-type: application/json' \\
    -d '{"context":{"targetingKey":"user-1","plan":"pro"}}'
  curl -N ${url}/ofrep/v1/events     then save the file
`;
}
