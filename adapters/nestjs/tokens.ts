/**
 * What a module provides its Halyard under: `@Inject(HALYARD)`, `app.get(HALYARD)`, `overrideProvider(HALYARD)`. The same in
 * two copies of this package.
 */
export const HALYARD: unique symbol = Symbol.for('halyard.nestjs.halyard');

/** What a module provides its `FlagsBinding` under, for guards and interceptors of this package alone. */
export const BINDING: unique symbol = Symbol.for('halyard.nestjs.binding');
