/**
 * No contestant may talk to its maker: a connection to anywhere but this machine ends the process. Imported first, by
 * every process of the benchmark.
 */
import dns from 'node:dns';
import net from 'node:net';

const HERE = new Set(['127.0.0.1', '::1', 'localhost', undefined]);

function refuse(where) {
  console.error(new Error(`A benchmark tried to reach ${where}.`));
  process.exit(1);
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectHere(...args) {
  // Node hands on arguments that it has put in order as a list of its own.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof first === 'object' ? first?.host : typeof second === 'string' ? second : undefined;
  if (!HERE.has(host)) refuse(host);
  return connect.apply(this, args);
};

const lookup = dns.lookup;
dns.lookup = (name, ...rest) => (HERE.has(name) ? lookup(name, ...rest) : refuse(name));
