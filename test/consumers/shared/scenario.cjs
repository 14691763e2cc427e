/** What the clients of a service see, whatever it is made with and whichever way the package was imported. */
const assert = require('node:assert/strict');
const { once } = require('node:events');

module.exports = async ({ createHalyard, fileStore, OpenFeature, Registry }, listen) => {
  const registry = new Registry();
  const halyard = await createHalyard({ store: fileStore('flags.yaml'), registry });
  await OpenFeature.setProviderAndWait(halyard.provider);
  const server = listen(halyard);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;

  const beta = await fetch(`${url}/beta`, { headers: { 'x-user': 'user-1' } });
  assert.deepEqual(await beta.json(), { direct: true, viaOpenFeature: true });
  assert.equal((await fetch(`${url}/beta`)).status, 404);
  assert.equal((await fetch(`${url}/pay`, { method: 'POST' })).status, 200);
  await halyard.kill('payments', { by: 'consumer', reason: 'test' });
  assert.equal((await fetch(`${url}/pay`, { method: 'POST' })).status, 503);
  assert.match(await registry.metrics(), /feature_flag_kill_switch_blocked_total\{flag_key="payments"\} 1/);

  await halyard.close();
  server.close();
  server.closeAllConnections();
  console.log('answered');
};
