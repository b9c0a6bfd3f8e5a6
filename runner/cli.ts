// The program: carries out its command line, and ends with the code of the command.

import { main } from './cli/main.ts';
import { EXIT } from './system/exit-codes.ts';

// A file that would be larger than allowed (ulimit -f) is then an error of its write, and not the end of the process.
if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined);
// The code of a process that ends before it has set one: no verdict was reached.
process.exitCode = EXIT.crashed;
void main(process.argv).then((exitCode) => {
  process.exitCode = exitCode;
  // Node 20 can hang while it ends with a compilation under way (nodejs/node#54918): a reader of large files did in 3 of 60 runs,
  // and in none with a moment's pause.
  setTimeout(() => undefined, 20);
});
