import { Agent, get } from 'node:http';

const users = 4_000;
/** How often a few requests are sent, in milliseconds, and how many to each page. */
const beatMs = 20;
const requestsPerBeat = 4;

/** Sends about 400 requests a second, of made-up users. Returns the function that ends it. */
export function sendTraffic(origin: string): () => void {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const visit = (path: string): void => {
    const headers = { 'x-user': `user-${Math.floor(Math.random() * users)}` };
    get(origin + path, { agent, headers }, (response) => response.resume()).on('error', () => undefined);
  };
  const timer = setInterval(() => {
    for (let request = 0; request < requestsPerBeat; request += 1) {
      visit('/search');
      visit('/checkout');
    }
  }, beatMs);
  return () => {
    clearInterval(timer);
    agent.destroy();
  };
}
