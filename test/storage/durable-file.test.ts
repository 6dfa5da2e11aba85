import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreFailed } from '../../src/ports/store.ts';
import { DiskFile } from '../../src/storage/durable-file.ts';
import { tempDir, withTempDir } from '../support/temp-dir.ts';

const CONTENT = { name: 'n1', incarnation: '00ff', clean: { counter: 7 } };

async function written(content: unknown = CONTENT): Promise<{ path: string; file: DiskFile }> {
  const path = join(await tempDir(), 'identity.json');
  const file = new DiskFile(path);
  await file.write(content);
  return { path, file };
}

describe('a durable file', () => {
  it('gives undefined before it was ever written', async () => {
    const file = new DiskFile(join(await tempDir(), 'identity.json'));
    expect(await file.read()).toBeUndefined();
  });

  it('gives back what was written last, and leaves nothing else in the folder', async () => {
    const { path, file } = await written({ first: true });
    await file.write(CONTENT);
    expect(await file.read()).toEqual({ content: CONTENT, copied: false });
    expect(await readdir(join(path, '..'))).toEqual(['identity.json']);
  });

  it('gives back any JSON as it was', async () => {
    await withTempDir(async folder => {
      const file = new DiskFile(join(folder, 'f.json'));
      const writeAndRead = async (content: unknown) => {
        await file.write(content);
        expect((await file.read())?.content).toEqual(JSON.parse(JSON.stringify(content)));
      };
      await fc.assert(fc.asyncProperty(fc.jsonValue(), writeAndRead), { numRuns: 50 });
    });
  });

  it('can be read by a person: one fact a line', async () => {
    const { path } = await written();
    const lines = (await readFile(path, 'utf8')).split('\n').map(line => line.trim());
    expect(lines).toContain('"name": "n1",');
    expect(lines).toContain('"counter": 7');
  });

  it('is written one after the other when two are asked for at once', async () => {
    const { file } = await written();
    await Promise.all(['a', 'b', 'c'].map(name => file.write({ name })));
    expect(await file.read()).toEqual({ content: { name: 'c' }, copied: false });
  });

  it('is written over the new file that a crash left half written', async () => {
    const { path, file } = await written();
    await writeFile(`${path}.new`, '{"note": "half');
    expect((await file.read())?.content).toEqual(CONTENT);
    await file.write({ name: 'n2' });
    expect((await file.read())?.content).toEqual({ name: 'n2' });
  });

  it('knows that it is a copy, and is itself again once it was written anew', async () => {
    const { path } = await written();
    const copy = join(path, '..', 'copy');
    await cp(path, copy);
    expect(await new DiskFile(copy).read()).toEqual({ content: CONTENT, copied: true });
    await new DiskFile(copy).write(CONTENT);
    expect(await new DiskFile(copy).read()).toEqual({ content: CONTENT, copied: false });
  });

  it('is no copy when it was only moved', async () => {
    const { path } = await written();
    const moved = join(path, '..', 'moved');
    await rename(path, moved);
    expect((await new DiskFile(moved).read())?.copied).toBe(false);
  });
});

describe('a damaged durable file', () => {
  it.each([
    ['is empty', () => ''],
    ['is zeros', (text: string) => '\0'.repeat(text.length)],
    ['ends in the middle', (text: string) => text.slice(0, text.length / 2)],
    ['was edited', (text: string) => text.replace('"counter": 7', '"counter": 8')],
    ['has another inode written into it', (text: string) => text.replace(/"inode": "\d+"/, '"inode": "1"')],
    ['has no checksum', (text: string) => text.replace(/"checksum": "\w+",/, '')],
    ['has a version that is not known here', (text: string) => text.replace('"version": 1', '"version": 2')],
    ['is JSON of something else', () => 'null'],
    ['is a list', () => '[]'],
  ])('that %s is refused with advice', async (_what, damage) => {
    const { path, file } = await written();
    const text = await readFile(path, 'utf8');
    expect(damage(text)).not.toBe(text);
    await writeFile(path, damage(text));
    await expect(file.read()).rejects.toThrow(StoreFailed);
    await expect(file.read()).rejects.toThrow('wipe the data directory and start the node again');
  });

  it('with one bit flipped anywhere is refused, or holds what was written', async () => {
    const { path, file } = await written();
    const bytes = await readFile(path);
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, flipped);
      const held = await file.read().catch((error: unknown) => error);
      if (held instanceof StoreFailed) continue;
      expect(held, `bit ${bit}`).toEqual({ content: CONTENT, copied: false });
    }
  });
});

describe('a durable file whose disk fails', () => {
  it('rejects a write to a folder that is gone, and takes the next one when it is back', async () => {
    const folder = join(await tempDir(), 'folder');
    const file = new DiskFile(join(folder, 'identity.json'));
    await expect(file.write(CONTENT)).rejects.toThrow(StoreFailed);
    await mkdir(folder);
    await file.write(CONTENT);
    expect((await file.read())?.content).toEqual(CONTENT);
  });

  it('rejects a read of what is no file', async () => {
    const file = new DiskFile(await tempDir());
    await expect(file.read()).rejects.toThrow(StoreFailed);
  });
});
