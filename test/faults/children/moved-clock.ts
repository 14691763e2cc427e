/** Loaded before everything else: this process's clock is wrong by what its parent says. */
const SystemDate = Date;
let offsetMs = 0;

process.on('message', (message: { readonly moveClockMs?: number }) => {
  offsetMs = message.moveClockMs ?? offsetMs;
});

globalThis.Date = new Proxy(SystemDate, {
  construct: (target, parameters: unknown[], subclass) =>
    Reflect.construct(target, parameters.length === 0 ? [SystemDate.now() + offsetMs] : parameters, subclass) as Date,
  get: (target, name, receiver): unknown =>
    name === 'now' ? () => SystemDate.now() + offsetMs : Reflect.get(target, name, receiver),
});
