/** One option as it stood on the command line, with its argument if it has one. */
export interface Opt {
  letter: string;
  value: string;
}

/**
 * Reads options as getopt(3) does: `-n5`, `-n 5`, several letters behind one dash, `--` as the end. What is no option is left out.
 *
 * @param letters the options; a colon behind a letter says that it has an argument
 * @throws Error that names the option that is not known or lacks its argument
 */
export function getopt(args: readonly string[], letters: string): Opt[] {
  const found: Opt[] = [];
  for (let k = 0; k < args.length && args[k] !== '--'; k++) {
    if (!/^-./.test(args[k])) continue;
    for (let n = 1; n < args[k].length; n++) {
      const letter = args[k][n];
      const at = letter === ':' ? -1 : letters.indexOf(letter);
      if (at < 0) throw new Error(`invalid option -- '${letter}'`);
      if (letters[at + 1] !== ':') {
        found.push({ letter, value: '' });
        continue;
      }
      const value = args[k].slice(n + 1) || args[++k];
      if (value === undefined) throw new Error(`option requires an argument -- '${letter}'`);
      found.push({ letter, value });
      break;
    }
  }
  return found;
}
