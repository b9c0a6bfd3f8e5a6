// Host patterns of `testing.performance.forbid`, such as *.shop.example.com or 10.0.0.0/8, and the k6 flags that block
// the same hosts.
//
//   name      www.shop.example.com                  that host
//   glob      *.shop.example.com, prod-*.example.com   * matches any characters including dots; *.x does not match x itself
//   address   10.1.2.3, 2001:db8::1
//   range     10.0.0.0/8, 2001:db8::/32             CIDR

import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export type HostPattern =
  | { readonly kind: 'name'; readonly text: string; readonly glob: string }
  | {
      readonly kind: 'range';
      readonly text: string;
      readonly address: string;
      readonly prefix: number;
      readonly family: 'ipv4' | 'ipv6';
    };

/** Parses a pattern; undefined if the text is not one, for example a URL, a port or a range that is not CIDR. */
export function readHostPattern(text: string): HostPattern | undefined {
  const line = text.trim();
  const [address = '', bits, ...more] = line.replace(/^\[|\]$/g, '').split('/');
  const family = isIP(address);
  if (family !== 0) {
    const widest = family === 4 ? 32 : 128;
    const prefix = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.POSITIVE_INFINITY;
    if (more.length > 0 || prefix > widest || address.includes('%')) return undefined;
    return { kind: 'range', text: line, address, prefix, family: family === 4 ? 'ipv4' : 'ipv6' };
  }
  // 10.1.* looks like a range but would match no address: k6 and novaperf compare name patterns with names only.
  if (/^[\d.*]*\d[\d.*]*$/.test(line) || /[/:@\s]/.test(line)) return undefined;
  const glob = hostName(line);
  return glob === '' || /[^a-z0-9.*_-]/.test(glob) ? undefined : { kind: 'name', text: line, glob };
}

/** Normalises a host for comparison: lower case, ASCII form, no brackets or final dot. '' if it is not a host. */
export function hostName(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return isIP(bare) > 0 ? bare.toLowerCase() : domainToASCII(bare);
}

/** The first pattern that matches a host name or address. As in k6, ranges match addresses and names match names. */
export function matchingPattern(host: string, patterns: readonly HostPattern[]): HostPattern | undefined {
  const bare = hostName(host);
  const family = isIP(bare);
  return patterns.find((pattern) => {
    if (pattern.kind === 'range') return family !== 0 && inRange(bare, pattern);
    return family === 0 && globExpression(pattern.glob).test(bare);
  });
}

function inRange(address: string, range: HostPattern & { readonly kind: 'range' }): boolean {
  const list = new BlockList();
  list.addSubnet(range.address, range.prefix, range.family);
  // An IPv4 address written as IPv6 (::ffff:10.1.2.3) is also in an IPv4 range.
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function globExpression(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map(escaped).join('.*')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * As in k6 v2.2.0, lib/types/hostnametrie.go: * is allowed only at the beginning; k6 does not start with another
 * pattern.
 */
const K6_NAME = /^(\*\.?)?((([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))?$/;

/** True if k6 can block the pattern itself, whatever URLs a script builds. */
export function k6Understands(pattern: HostPattern): boolean {
  return pattern.kind === 'range' || K6_NAME.test(pattern.glob);
}

/**
 * What the script's options or the flags of a configured command block already. Our flags would replace those options.
 */
export interface OwnBlocks {
  /** `blockHostnames` and `blacklistIPs` as printed by `k6 inspect`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly k6Args: readonly string[];
}

/**
 * The flags of `k6 run` that block all these hosts, and those that the script itself blocks. Empty without patterns.
 */
export function forbidFlags(patterns: readonly HostPattern[], { options, k6Args }: OwnBlocks): string[] {
  const own = (option: string, flag: string) => (k6Args.some((word) => word === flag) ? [] : texts(options[option]));
  const names = patterns.flatMap((pattern) =>
    pattern.kind === 'name' && k6Understands(pattern) ? [pattern.glob] : [],
  );
  const ranges = patterns.flatMap((pattern) =>
    pattern.kind === 'range' ? [`${pattern.address}/${pattern.prefix}`] : [],
  );
  return [
    ...(names.length === 0 ? [] : [...names, ...own('blockHostnames', '--block-hostnames')]).flatMap((name) => [
      '--block-hostnames',
      name,
    ]),
    ...(ranges.length === 0 ? [] : ['--blacklist-ip', [...ranges, ...own('blacklistIPs', '--blacklist-ip')].join(',')]),
  ];
}

type Range = HostPattern & { readonly kind: 'range' };

/** The fewest ranges that cover all IPv4 and IPv6 addresses except those of `allowed`; name patterns are ignored. */
export function complementOf(allowed: readonly HostPattern[]): Range[] {
  const ranges = allowed.filter((pattern) => pattern.kind === 'range');
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const width = family === 'ipv4' ? 32 : 128;
    const inside = ranges
      .filter((range) => range.family === family)
      .map(({ address, prefix }) => ({ from: bitsOf(address, family), prefix }));
    const rest: Range[] = [];
    const split = (from: bigint, prefix: number) => {
      const holds = (outer: { from: bigint; prefix: number }, inner: { from: bigint; prefix: number }) =>
        outer.prefix <= inner.prefix &&
        outer.from >> BigInt(width - outer.prefix) === inner.from >> BigInt(width - outer.prefix);
      if (inside.some((range) => holds(range, { from, prefix }))) return;
      if (!inside.some((range) => holds({ from, prefix }, range))) {
        const address = addressOf(from, family);
        rest.push({ kind: 'range', text: `${address}/${prefix}`, address, prefix, family });
        return;
      }
      split(from, prefix + 1);
      split(from | (1n << BigInt(width - prefix - 1)), prefix + 1);
    };
    split(0n, 0);
    return rest;
  });
}

function bitsOf(address: string, family: 'ipv4' | 'ipv6'): bigint {
  if (family === 'ipv4') return address.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
  // URL writes an IPv6 address with an IPv4 tail in hexadecimal groups only.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...new Array<string>(zeros).fill('0'), ...last].reduce(
    (bits, group) => (bits << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function addressOf(bits: bigint, family: 'ipv4' | 'ipv6'): string {
  const [size, count, base] = family === 'ipv4' ? [8n, 4, 10] : [16n, 8, 16];
  const parts = Array.from({ length: count }, (_, index) =>
    ((bits >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n)).toString(base),
  );
  return parts.join(family === 'ipv4' ? '.' : ':');
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
