/**
 * What a door is doing just now, among the node's metrics: how much is begun and how much of that there may
 * be, what waits, and how late the loop is. For whoever asks at night why a node answers slowly, or turns
 * away.
 */
import type { Door } from './serving.ts';

export function gaugeDoor(name: 'clients' | 'peers', { gate, stalls, metrics }: Door): void {
  if (metrics === undefined) return;
  metrics.gauge(`door.${name}.begun`, () => gate.load.begun);
  metrics.gauge(`door.${name}.begun-max`, () => gate.limit);
  metrics.gauge(`door.${name}.waiting`, () => gate.load.waiting);
  metrics.gauge('loop.late-ms', () => stalls.lateMs);
}
