/** Amounts as people read them. */

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;
const STEP = 1024;

/** 41 234 */
export function whole(number: number): string {
  return String(Math.round(number)).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** "12 400 records" */
export function recordCount(records: number): string {
  return `${whole(records)} record${records === 1 ? '' : 's'}`;
}

/** 512 bytes, 1.5 KiB, 40 MiB */
export function byteCount(bytes: number): string {
  if (bytes < STEP) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  const power = Math.min(UNITS.length, Math.floor(Math.log(bytes) / Math.log(STEP)));
  const amount = bytes / STEP ** power;
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${UNITS[power - 1]}`;
}
