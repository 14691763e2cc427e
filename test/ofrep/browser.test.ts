import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import { createHalyard, fileStore } from 'halyard';
import { serve } from 'halyard/express';
import { ofrepHandler, type OfrepOptions } from 'halyard/ofrep';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../contracts/adapter/bench.js';
import { temporaryFolder } from '../stores/temporary-folder.js';
import { bundle, hasBrowser, missingBrowser, startBrowser } from './browser.js';
import { Endings, listen } from './service.js';

const endings = new Endings();
afterEach(() => endings.run());

/** How long a page may take to follow the file. */
const PROMISED_MS = 2_000;

const script = `
  import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
  import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';

  const { baseUrl, headers, context } = JSON.parse(document.querySelector('#settings').textContent);
  const client = OpenFeature.getClient();
  const show = () => {
    document.querySelector('#color').textContent = client.getStringValue('button-color', 'unset');
    document.querySelector('#checkout').textContent = String(client.getBooleanValue('new-checkout', false));
    document.querySelector('#secret').textContent = client.getBooleanDetails('secret', false).errorCode;
  };
  client.addHandler(ProviderEvents.ConfigurationChanged, show);
  await OpenFeature.setContext(context);
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers, cacheMode: 'disabled' }));
  show();
`;

const flags = (color: string): string => `
version: 1
flags:
  button-color: { clientSafe: true, variants: { a: green, b: red }, serve: ${color} }
  new-checkout: { clientSafe: true, rules: [{ when: { plan: pro }, serve: on }], serve: off }
  secret: {}
`;

interface Shown {
  readonly page: Page;
  readonly edit: (color: string) => Promise<void>;
  readonly requests: string[];
}

// Where a browser is promised, its absence is a failure.
describe.skipIf(!hasBrowser && process.env['CI'] !== 'true')(
  `@openfeature/ofrep-web-provider in Chromium${hasBrowser ? '' : ` (${missingBrowser})`}`,
  () => {
    let browser: Browser;
    let code: string;
    beforeAll(async () => {
      code = await bundle(script);
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    /** A page over a flag file. With `isForeign` the flags come from another origin than the page. */
    async function show(options: OfrepOptions, settings: object = {}, isForeign = false): Promise<Shown> {
      const folder = await temporaryFolder();
      endings.add(() => folder.remove());
      const file = join(folder.path, 'flags.yaml');
      const edit = (color: string): Promise<void> => writeFile(file, flags(color));
      await edit('a');
      const halyard = await createHalyard({ store: fileStore(file), logger: silent() });
      endings.add(() => halyard.close());

      const requests: string[] = [];
      const api = express();
      api.use((request, _response, next) => {
        requests.push(`${request.method} ${request.path}`);
        next();
      });
      api.use('/flags', serve(ofrepHandler(halyard, options)));
      const baseUrl = `${await listen(endings, api)}/flags`;
      const site = isForeign ? express() : api;
      const data = JSON.stringify({ baseUrl, context: { targetingKey: 'user-1', plan: 'pro' }, ...settings });
      site.get('/page', (_request, response) => {
        response.send(`<p id="color"></p><p id="checkout"></p><p id="secret"></p>
          <script id="settings" type="application/json">${data}</script><script type="module" src="/page.js"></script>`);
      });
      site.get('/page.js', (_request, response) => void response.type('js').send(code));
      const origin = isForeign ? await listen(endings, site) : new URL(baseUrl).origin;

      const context = await browser.newContext();
      endings.add(() => context.close());
      const page = await context.newPage();
      await page.goto(`${origin}/page`);
      return { page, edit, requests };
    }

    const waitForColor = (page: Page, color: string, timeout = 20_000): Promise<void> =>
      page.locator('#color', { hasText: color }).waitFor({ timeout });

    it('shows a flag, and the next value within two seconds after the file is edited', async () => {
      const { page, edit, requests } = await show({});
      await waitForColor(page, 'green');
      expect(await page.locator('#checkout').textContent()).toBe('true');
      expect(await page.locator('#secret').textContent()).toBe('FLAG_NOT_FOUND');
      await edit('b');
      await waitForColor(page, 'red', PROMISED_MS);
      await edit('a');
      await waitForColor(page, 'green', PROMISED_MS);
      // It was told: it didn't poll, and kept its stream.
      expect(requests.filter((request) => request.endsWith('/events'))).toHaveLength(1);
      expect(requests.filter((request) => request.startsWith('POST'))).toHaveLength(3);
    });

    it('follows from another origin, with credentials', async () => {
      const settings = { headers: [['Authorization', 'Bearer for-pages']] };
      const { page, edit } = await show({ cors: { origins: '*' }, auth: { bearer: 'for-pages' } }, settings, true);
      await waitForColor(page, 'green');
      await edit('b');
      await waitForColor(page, 'red', PROMISED_MS);
    });
  },
);
