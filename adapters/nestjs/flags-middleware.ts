import type { ServerResponse } from 'node:http';
import type { FlagsBinding } from './flags-binding.js';
import type { PlatformRequest } from './flags-source.js';

/** Gives each HTTP request its flags, and runs the rest of it inside OpenFeature's transaction context. */
export function createFlagsMiddleware(binding: FlagsBinding) {
  return function halyardFlags(request: PlatformRequest, response: ServerResponse, next: () => void): void {
    const { opened } = binding.openHttp(request, response);
    if (opened.setCookie !== undefined) response.appendHeader('Set-Cookie', opened.setCookie);
    opened.run(next);
  };
}
