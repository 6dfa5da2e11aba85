/**
 * Comparisons of sums and of trees (src/ports/comparisons.ts), as messages; for the rules see
 * replica-messages.ts. Hashes travel side by side in one field, since each alone would cost half its size
 * again. An answer may only tell of what was asked: else who answers could have any partition compared.
 */
import { Buffer } from 'node:buffer';
import { type Partition, partition } from '../base/ids.ts';
import { PARTITIONS } from '../core/ring/placement.ts';
import type {
  CompareNodesRequest__Output,
  CompareNodesRequest as NodesMessage,
} from '../gen/shoal/peer/v1/CompareNodesRequest.ts';
import type {
  CompareNodesResponse,
  CompareNodesResponse__Output,
} from '../gen/shoal/peer/v1/CompareNodesResponse.ts';
import type {
  CompareSumsRequest__Output,
  CompareSumsRequest as SumsMessage,
} from '../gen/shoal/peer/v1/CompareSumsRequest.ts';
import type {
  CompareSumsResponse,
  CompareSumsResponse__Output,
} from '../gen/shoal/peer/v1/CompareSumsResponse.ts';
import type { TreeNodes as TreeMessage, TreeNodes__Output } from '../gen/shoal/peer/v1/TreeNodes.ts';
import {
  LEAF_LEVEL,
  NODE_BYTES,
  PARTITION_SUM_BYTES,
  type PartitionSum,
  type SumsReply,
  TREES_MAX,
  type TreeNodes,
} from '../ports/comparisons.ts';
import { cut, isAscending, isBetween, isOnce, readEach } from './foreign.ts';

export function sumsRequestMessage(mine: readonly PartitionSum[], stamp: Uint8Array): SumsMessage {
  return {
    stamp,
    partitions: mine.map(({ partition }) => partition),
    sums: Buffer.concat(mine.map(({ sum }) => sum)),
  };
}

export function readSumsRequest({
  partitions,
  sums,
}: CompareSumsRequest__Output): readonly PartitionSum[] | undefined {
  const each = cut(sums, { into: partitions.length, of: PARTITION_SUM_BYTES });
  if (each === undefined || !isOnce(partitions) || !partitions.every(isPartition)) return undefined;
  return partitions.map((index, i) => ({ partition: partition(index), sum: each[i]! }));
}

export function sumsReplyMessage({ differing, recovering }: SumsReply): CompareSumsResponse {
  return {
    differing: differing.map(({ partition }) => partition),
    rows: differing.map(({ rows }) => rows),
    busy: differing.filter(({ isBusy }) => isBusy).map(({ partition }) => partition),
    recovering: [...recovering],
  };
}

export function readSumsReply(
  { differing, rows, busy, recovering }: CompareSumsResponse__Output,
  asked: readonly PartitionSum[],
): SumsReply | undefined {
  const known = new Set<number>(asked.map(({ partition }) => partition));
  const told = [...differing, ...recovering];
  if (!isOnce(told) || !told.every(index => known.has(index))) return undefined;
  if (rows.length !== differing.length) return undefined;
  const [apart, atWork] = [new Set(differing), new Set(busy)];
  if (!isOnce(busy) || !busy.every(index => apart.has(index))) return undefined;
  return {
    differing: differing.map((index, i) => ({
      partition: partition(index),
      rows: rows[i]!,
      isBusy: atWork.has(index),
    })),
    recovering: recovering.map(partition),
  };
}

export function nodesRequestMessage(mine: readonly TreeNodes[], stamp: Uint8Array): NodesMessage {
  return { stamp, trees: mine.map(treeMessage) };
}

export function readNodesRequest({ trees }: CompareNodesRequest__Output): readonly TreeNodes[] | undefined {
  const read = readEach(trees, { max: TREES_MAX, read: readTree });
  return read && isOnce(partitionsOf(read)) ? read : undefined;
}

export function nodesReplyMessage(differing: readonly TreeNodes[]): CompareNodesResponse {
  return { trees: differing.map(treeMessage) };
}

export function readNodesReply(
  { trees }: CompareNodesResponse__Output,
  asked: readonly TreeNodes[],
): readonly TreeNodes[] | undefined {
  const read = readEach(trees, { max: asked.length, read: readTree });
  if (read === undefined || !isOnce(partitionsOf(read))) return undefined;
  const isAsked = (tree: TreeNodes) => asked.some(question => isAbout(question, tree));
  return read.every(isAsked) ? read : undefined;
}

function treeMessage({ partition, level, nodes }: TreeNodes): TreeMessage {
  const indexes = nodes.map(({ index }) => index);
  return { partition, level, indexes, hashes: Buffer.concat(nodes.map(({ hash }) => hash)) };
}

function readTree({ partition: index, level, indexes, hashes }: TreeNodes__Output): TreeNodes | undefined {
  if (!isPartition(index) || !isBetween(level, { min: 0, max: LEAF_LEVEL })) return undefined;
  const each = cut(hashes, { into: indexes.length, of: NODE_BYTES });
  if (each === undefined || !isAscending(indexes, 2 ** level)) return undefined;
  const nodes = indexes.map((at, i) => ({ index: at, hash: each[i]! }));
  return { partition: partition(index), level, nodes };
}

function isAbout(asked: TreeNodes, { partition, level, nodes }: TreeNodes): boolean {
  if (asked.partition !== partition || asked.level !== level) return false;
  const known = new Set(asked.nodes.map(({ index }) => index));
  return nodes.every(({ index }) => known.has(index));
}

function partitionsOf(trees: readonly TreeNodes[]): readonly Partition[] {
  return trees.map(({ partition }) => partition);
}

export function isPartition(index: number): boolean {
  return isBetween(index, { min: 0, max: PARTITIONS - 1 });
}
