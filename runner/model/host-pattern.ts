// What `testing.performance.forbid` holds: a line such as *.shop.example.com or 10.0.0.0/8 becomes a pattern that hosts are
// matched with, and the flags that make k6 refuse the same hosts.
//
//   name      www.shop.example.com                  that host
//   glob      *.shop.example.com, prod-*.example.com   * stands for any characters, dots too; *.x does not match x itself
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

/** The pattern of a line; undefined where it is none: a URL, a port, a range that is not CIDR. */
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
  // 10.1.* looks like a range and would match no address: k6 and this toolkit compare names with names only.
  if (/^[\d.*]*\d[\d.*]*$/.test(line) || /[/:@\s]/.test(line)) return undefined;
  const glob = hostName(line);
  return glob === '' || /[^a-z0-9.*_-]/.test(glob) ? undefined : { kind: 'name', text: line, glob };
}

/** A host as it is compared: lower case, in its ASCII form, without brackets and the dot that may end it. '' where it is none. */
export function hostName(host: string): string {
  const bare = host.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  return isIP(bare) > 0 ? bare.toLowerCase() : domainToASCII(bare);
}

/** The first pattern that matches a host name or an address. Ranges match addresses, names match names, as in k6. */
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
  // An IPv4 address in IPv6 dress (::ffff:10.1.2.3) is in an IPv4 range as well.
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function globExpression(glob: string): RegExp {
  return new RegExp(`^${glob.split('*').map(escaped).join('.*')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** As in k6 v2.2.0, lib/types/hostnametrie.go: a * may only be the beginning; k6 does not start on anything else. */
const K6_NAME = /^(\*\.?)?((([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))?$/;

/** Whether k6 itself can be held to the pattern, whatever URL a script makes up. */
export function k6Understands(pattern: HostPattern): boolean {
  return pattern.kind === 'range' || K6_NAME.test(pattern.glob);
}

/** What a script's own options, or the flags of a configured command, block already: k6's flags take the place of those options. */
export interface OwnBlocks {
  /** `blockHostnames` and `blacklistIPs` as `k6 inspect` prints them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly k6Args: readonly string[];
}

/** The flags of `k6 run` that keep it off all these hosts, and off those that the script itself blocks. None without a pattern. */
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

/** The fewest ranges that hold every address of IPv4 and IPv6 but those of `allowed`; patterns of names are passed over. */
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
  // A URL writes an IPv6 address with an IPv4 tail in hexadecimal groups only.
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
