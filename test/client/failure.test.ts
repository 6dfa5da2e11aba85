import { describe, expect, test } from 'vitest';
import { connect } from '../../src/client/client.ts';
import { failureIn } from '../../src/client/failure.ts';
import type { Because } from '../../src/link/asking.ts';
import { loadMessages } from '../../src/wire/messages.ts';

const messages = loadMessages();
const unsent = (because: Because) =>
  failureIn({ kind: 'not sent', because, why: 'so it is' }, { write: true, messages });

describe('what was not sent', () => {
  test('because its time was up before there was a connection is EXPIRED: the node may be well', () => {
    expect(unsent('given up')).toMatchObject({
      error: { reason: 'EXPIRED', outcome: 'not applied' },
      local: true,
    });
  });

  test('because nobody is there is UNREACHABLE', () => {
    expect(unsent('never open')).toMatchObject({ error: { reason: 'UNREACHABLE' }, local: false });
  });
});

describe('a program without types that hands over nothing', () => {
  test('instead of addresses is told what is expected', () => {
    expect(() => connect(undefined as never)).toThrow('expected host:port');
    expect(() => connect({ address: 'localhost:1' } as never)).toThrow('expected host:port');
  });

  test('instead of a key is told so', async () => {
    const client = connect('127.0.0.1:1');
    await expect(client.bucket('b').get(undefined as never)).rejects.toMatchObject({ reason: 'BAD_KEY' });
    await client.close();
  });
});
