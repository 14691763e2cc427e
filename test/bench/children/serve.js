/** `serve.js APP SERVICE` serves on a port of the system's choosing, sends it, and tells its processor time when asked. */
import '../loopback-only.js';

const [, , app, service] = process.argv;
const { createApp } = await import(`./${app}.js`);
const server = (await createApp(service)).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicroseconds: user + system });
});
process.on('disconnect', () => process.exit());
