// A process that starts a shop, prints {url, pid}, and then follows its argument:
// `wait` (runs until it is killed and ignores Ctrl-C) or `forget` (returns without stop()).

import { startDemo } from '../../runner/demo/start.ts';

const { url, pid } = await startDemo();
if (process.argv[2] === 'wait') {
  // Before the line is printed, because its reader may press Ctrl-C at once.
  process.on('SIGINT', () => process.stdout.write('interrupted\n'));
  setInterval(() => {}, 60_000);
}
process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
