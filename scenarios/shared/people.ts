// How people behave, whatever they do: they take their time, and they choose.

import { sleep } from 'k6';

/** Waits as long as a person looks at a page: a random time between two numbers of seconds. */
export function think(fromS: number, toS: number): void {
  sleep(fromS + Math.random() * (toS - fromS));
}

/** One of the values, each as likely as the others. */
export function pick<T>(values: readonly [T, ...T[]]): T {
  return values[Math.floor(Math.random() * values.length)] ?? values[0];
}
