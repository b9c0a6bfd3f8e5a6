// A seed and a name become a stream of random numbers that can be read at any position: the n-th number never depends
// on what was read before, nor on other streams.

/** Numbers of one stream, by position. Both are pure functions of (seed, name, index). */
export interface RandomStream {
  /** Uniform in the open interval (0, 1); `index` is an integer from 0 to 2^32 - 1. */
  uniformAt(index: number): number;
  /** Standard normal (mean 0, deviation 1) by Box and Muller; `index` is an integer from 0 to 2^31 - 1. */
  normalAt(index: number): number;
}

const TWO_TO_32 = 2 ** 32;

/** A stream of its own for every (seed, name). Seed: any safe integer. */
export function randomStream(seed: number, name: string): RandomStream {
  const firstKey = scramble(fingerprint(`${seed}/${name}`));
  // Two keys, the second between two rounds: with one, all streams would be windows of a single sequence and could overlap.
  const secondKey = scramble(firstKey ^ 0x9e3779b9);

  const uniformAt = (index: number): number => (scramble(scramble(index + firstKey) ^ secondKey) + 0.5) / TWO_TO_32;
  const normalAt = (index: number): number => {
    const radius = Math.sqrt(-2 * Math.log(uniformAt(2 * index)));
    return radius * Math.cos(2 * Math.PI * uniformAt(2 * index + 1));
  };
  return { uniformAt, normalAt };
}

/** The integer hash "lowbias32" (Chris Wellons, hash-prospector): a bijection of the 32-bit integers with bias 0.1. */
function scramble(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** FNV-1a, 32 bits, over UTF-16 units. */
function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
