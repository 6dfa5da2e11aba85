import { expect, test } from 'vitest';
import { createLog, type LogForm } from '../../src/system/log.ts';

function written(form: LogForm, tell: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  tell(createLog({ form, self: 'n1' }, { write: line => void lines.push(line) }));
  return lines;
}

test('a collector gets one JSON object a line, with level, time, whose it is, and facts', () => {
  const [line] = written('json', log => log.warn('the disk is slow', { node: 'n2', p99Ms: 80 }));
  expect(line).toMatch(/\n$/);
  expect(JSON.parse(line!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    self: 'n1',
    node: 'n2',
    event: 'the disk is slow',
    p99Ms: 80,
  });
});

test('a terminal gets a sentence', () => {
  const lines = written('text', log => {
    log.info('serving');
    log.error('a write failed', { code: 'EIO', partitions: ['3', '4'] });
  });
  expect(lines).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d serving\n$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d error: a write failed \(code EIO, partitions 3,4\)\n$/),
  ]);
});
