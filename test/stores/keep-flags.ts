import { FlagCache } from '../../src/stores/flag-cache.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

/** A process that keeps flags in a file, ever newer ones, until somebody ends it. Says `started`, and what fails. */
const [path = '', characters = '0'] = process.argv.slice(2);
const cache = new FlagCache({
  path,
  store: 'test',
  retries: true,
  onFailure: (error) => console.log(String(error)),
  onRecovery: () => undefined,
});
const filling = '# 日本語\n'.repeat(Number(characters) / 6);
for (let counter = 1; ; counter += 1) {
  const text = `version: 1\nflags: { a: { owner: "${counter}" } }\n${filling}`;
  const document = [{ name: 'flags.yaml', text }];
  cache.save({ document, state: emptyFlagState, version: `test:${counter}` }, Date.now());
  if (counter === 1) console.log('started');
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
}
