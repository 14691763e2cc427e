import { hash } from 'node:crypto';

/** 132 bits of SHA-256, in base64url: no two texts share them by chance. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
