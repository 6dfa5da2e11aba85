import { expect, test } from 'vitest';
import { protoJson } from '../../src/cli/proto-json.ts';

test.each([
  ['an empty response', 'KV/Get', {}, {}],
  [
    'defaults are left out',
    'KV/Get',
    { context: Buffer.alloc(0), replicas: { required: 0 } },
    { replicas: {} },
  ],
  ['64-bit numbers are strings', 'Cluster/Locate', { epoch: 2 ** 53 - 1 }, { epoch: '9007199254740991' }],
  ['32-bit numbers are numbers', 'Cluster/Locate', { partition: 255 }, { partition: 255 }],
  ['bytes are base64', 'Cluster/Status', { ringDigest: Buffer.of(0xfb, 0xff) }, { ringDigest: '+/8=' }],
  [
    'of a oneof the member that is set is there, even when empty',
    'KV/Get',
    { siblings: [{ value: { text: '' } }, { value: { bytes: Buffer.alloc(0) } }, { value: {} }] },
    { siblings: [{ value: { text: '' } }, { value: { bytes: '' } }, { value: {} }] },
  ],
  [
    'all entries of a map are there',
    'Cluster/Status',
    { counters: { 'read.repair': 0 } },
    { counters: { 'read.repair': '0' } },
  ],
  [
    'what is optional and set is there, even when 0',
    'Cluster/Status',
    { repair: { asked: 0, with: [{ node: 'n2', tookMs: 0, agreedMs: 0, leftMs: undefined }] } },
    { repair: { with: [{ node: 'n2', agreedMs: '0' }] } },
  ],
  [
    'a field elsewhere that is called as they are is none of them',
    'Cluster/Status',
    { repair: { with: [{ bytes: 0 }] } },
    { repair: { with: [{}] } },
  ],
  ['strings of a list stay', 'Cluster/Status', { awaited: ['n2'] }, { awaited: ['n2'] }],
] as const)('%s', (_, method, response, json) => {
  expect(JSON.parse(protoJson(method, response))).toEqual(json);
});

test('it is indented, names in camelCase, fields in the order of the message', () => {
  const response = { siblings: [{ writtenAtMs: 5, value: { text: 'eggs' } }] };
  expect(protoJson('KV/Put', response)).toBe(
    [
      '{',
      '  "siblings": [',
      '    {',
      '      "value": {',
      '        "text": "eggs"',
      '      },',
      '      "writtenAtMs": "5"',
      '    }',
      '  ]',
      '}',
    ].join('\n'),
  );
});
