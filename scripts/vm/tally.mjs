// Counts what the machine reports, and judges how it ended.

/** What a kernel says when it is broken, whatever the tests think. */
const BROKEN =
  /BUG:|Oops|general protection|soft lockup|rcu_\w+ detected stalls|blocked for more than|Call Trace|Kernel panic/;

export class Tally {
  passed = 0;
  failed = 0;
  /** Lines that belong behind those of the machine. */
  closing = [];
  files = 0;

  /** Takes note of a line of the TAP stream, and returns it. */
  look(text) {
    // Tests are one level down, below the files that hold them. A file that ends badly is one failed test of its own.
    const [, indent, not] = /^( *)(not )?ok\b/.exec(text) ?? [];
    if (indent === undefined) return text;
    if (indent === '') this.files++;
    else if (not) this.failed++;
    else if (!/# SKIP/.test(text)) this.passed++;
    return text;
  }

  /** Adds the verdict on the machine itself. */
  end({ last, late, seconds, errors, kernelLog }) {
    const broken = kernelLog.split('\n').filter((line) => BROKEN.test(line));
    let wrong;
    if (late) wrong = `ended after ${seconds} seconds (--seconds gives it more)`;
    else if (!last.startsWith('done '))
      wrong = last || `${this.files ? 'ended early' : 'did not come up'}: ${errors.trim() || 'no word from it'}`;
    else if (last !== 'done 0' && this.failed === 0) wrong = `the tests ended with status ${last.slice(5)}`;
    else if (broken.length > 0) wrong = `the kernel complains: ${broken[0].trim()}`;
    this.closing.push(`${wrong ? 'not ok' : 'ok'} ${this.files + 1} - the machine${wrong ? `: ${wrong}` : ''}`);
    if (wrong) {
      this.failed++;
      const log = kernelLog.split('\n').slice(-40);
      this.closing.push(...log.map((line) => `# ${line.trim()}`));
    }
    this.closing.push(`1..${this.files + 1}`);
  }
}
