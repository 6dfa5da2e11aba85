/**
 * A process that does one thing to a data directory, on the build, for storage.test.ts to kill or starve:
 *
 *   write DIR      writes 1, 2, 3 … in a batch each and prints every number that was acknowledged, for ever
 *   exhaust DIR    writes until it fails, then prints what became of the store
 *   inspect DIR    opens what may be damaged, reads all of it every way, writes, closes, and prints what it met
 *
 * It ends when its standard input closes, so it never outlives the test.
 */
import { openDataDirectory } from '../../dist/storage/data-directory.js';

const VALUE_BYTES = 2048;
const LAST = Buffer.from('last');
const keyOf = number => Buffer.from(`number ${String(number).padStart(8, '0')}`);
const print = value => process.stdout.write(`${JSON.stringify(value)}\n`);

const [task, path] = process.argv.slice(2);
process.stdin.resume().on('end', () => process.exit());
await { write, exhaust, inspect }[task]();
process.stdin.pause();

async function open() {
  const directory = await openDataDirectory({ path, name: 'n1', durability: 'fsync' });
  if (directory.fresh) await directory.identity.write({ name: 'n1' });
  return directory.store;
}

async function write() {
  const store = await open();
  for (let number = lastOf(store) + 1; ; number += 1) {
    await writeNumber(store, number);
    print(number);
  }
}

async function exhaust() {
  const store = await open();
  let acknowledged = 0;
  const failure = await (async () => {
    for (;;) {
      await writeNumber(store, acknowledged + 1);
      acknowledged += 1;
    }
  })().catch(error => error);
  const again = await outcome(() => writeNumber(store, acknowledged + 2));
  let readable = 0;
  while (readable < acknowledged && store.get(keyOf(readable + 1))) readable += 1;
  const closed = await outcome(() => store.close());
  print({ acknowledged, failure: failure.name, again, readable, closed });
}

async function inspect() {
  const met = [];
  const meet = async action => met.push(await outcome(action));
  const store = await open().catch(error => void met.push(error.name));
  if (store) {
    for (let number = 1; number <= 400; number += 1) await meet(() => store.get(keyOf(number)));
    await meet(() => store.warm([keyOf(1), keyOf(200)]));
    await meet(() => store.scan({ from: Buffer.from('a'), to: Buffer.from('z'), limit: 1000 }));
    await meet(() => writeNumber(store, 1000));
    await meet(() => store.close());
  }
  print([...new Set(met)]);
}

async function writeNumber(store, number) {
  await store.write([
    { key: keyOf(number), value: Buffer.alloc(VALUE_BYTES, number % 256) },
    { key: LAST, value: Buffer.from(String(number)) },
  ]);
}

function lastOf(store) {
  return Number(store.get(LAST) ?? 0);
}

async function outcome(action) {
  try {
    await action();
    return 'fine';
  } catch (error) {
    return error.name;
  }
}
