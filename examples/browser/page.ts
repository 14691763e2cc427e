/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature, type Provider, ProviderEvents } from '@openfeature/web-sdk';

const client = OpenFeature.getClient();

/** The visitor's id: from the address, else kept by the browser. */
function visitorId(): string {
  const given = new URLSearchParams(location.search).get('user') ?? localStorage.getItem('visitor');
  if (given !== null) return given;
  const made = `visitor-${Math.random().toString(36).slice(2, 8)}`;
  localStorage.setItem('visitor', made);
  return made;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

function show(): void {
  element('greeting').textContent = client.getStringValue('greeting', 'Welcome');
  document.documentElement.style.setProperty('--accent', client.getStringValue('accent', '#0b6e8a'));
  element('delivery').hidden = !client.getBooleanValue('express-delivery', false);
  const isOpen = client.getBooleanValue('payments', true);
  element('pay').hidden = !isOpen;
  element('paused').hidden = isOpen;
  const answers = [
    client.getStringDetails('greeting', ''),
    client.getStringDetails('accent', ''),
    client.getBooleanDetails('express-delivery', false),
    client.getBooleanDetails('payments', true),
    client.getBooleanDetails('fraud-check', false),
  ];
  element('flags').replaceChildren(
    ...answers.map(({ flagKey, value, reason, errorCode }) => row([flagKey, String(value), errorCode ?? reason ?? ''])),
  );
}

function row(texts: readonly string[]): HTMLTableRowElement {
  const line = document.createElement('tr');
  for (const text of texts) line.insertCell().textContent = text;
  return line;
}

client.addHandler(ProviderEvents.ConfigurationChanged, (event) => {
  show();
  const time = new Date().toLocaleTimeString();
  element('news').textContent = `${time}: ${(event?.flagsChanged ?? []).join(', ')} changed, without a reload.`;
});
client.addHandler(ProviderEvents.ContextChanged, show);

const targetingKey = visitorId();
element('unit').textContent = targetingKey;
element('visitor').addEventListener('change', (event) => {
  const { value: plan } = event.target as HTMLInputElement;
  void OpenFeature.setContext({ targetingKey, plan });
});

await OpenFeature.setContext({ targetingKey, plan: 'free' });
// The provider's types don't fit OpenFeature's under `exactOptionalPropertyTypes`.
const provider = new OFREPWebProvider({ baseUrl: location.origin }) as Provider;
await OpenFeature.setProviderAndWait(provider);
show();
