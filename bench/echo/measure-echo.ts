/** Has a put of 100 bytes echoed, over and over. */
import type { EchoJob } from '../run/jobs.ts';
import type { Measured } from '../run/measured.ts';
import { rawLoop } from '../run/raw-loop.ts';
import { echoCaller } from './callers.ts';
import type { Put } from './messages.ts';

const VALUE_BYTES = 100;
const WRITE_ID_BYTES = 16;

export async function measureEcho(job: EchoJob): Promise<Measured> {
  const caller = echoCaller(job.shape, job.port);
  const put: Put = {
    bucket: 'bench',
    key: 'user0123456789',
    value: { bytes: Buffer.alloc(VALUE_BYTES, 7) },
    overwrite: true,
    writeId: Buffer.alloc(WRITE_ID_BYTES, 3),
  };
  try {
    return await rawLoop(() => caller.call(put), job);
  } finally {
    caller.close();
  }
}
