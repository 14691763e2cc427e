import ipaddr from 'ipaddr.js';
import type { Cidr } from '../flag-definition.js';

/**
 * A block of addresses as text, `10.0.0.0/8` or `2001:db8::/32`; a single address is a block of one. IPv4-mapped IPv6
 * becomes IPv4. `undefined` for anything else, octal and shortened forms of IPv4 among them.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.length * 8;
  const prefixLength = slash === -1 ? bits : parsePrefixLength(text.slice(slash + 1), bits);
  if (prefixLength === undefined) return undefined;
  return isMapped(address) && prefixLength >= 96
    ? { text, bytes: address.slice(12), prefixLength: prefixLength - 96 }
    : { text, bytes: address, prefixLength };
}

function parseAddress(text: string): number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text).toByteArray()
    : undefined;
}

function parsePrefixLength(text: string, bits: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= bits ? Number(text) : undefined;
}

function isMapped(bytes: readonly number[]): boolean {
  return (
    bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((byte) => byte === 0)
  );
}
