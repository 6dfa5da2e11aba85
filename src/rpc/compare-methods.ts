/**
 * The methods by which another node compares its records with this one's (src/ports/comparisons.ts). All that
 * is refused of them is counted, be it malformed, of another ring, or about what is not the asker's: sound
 * peers ask nothing of the kind, and what is refused for ever is never mended.
 */
import type { NodeName } from '../base/ids.ts';
import type { CompareKeysRequest__Output } from '../gen/shoal/peer/v1/CompareKeysRequest.ts';
import type { CompareNodesRequest__Output } from '../gen/shoal/peer/v1/CompareNodesRequest.ts';
import type { CompareSumsRequest__Output } from '../gen/shoal/peer/v1/CompareSumsRequest.ts';
import type { FetchRequest__Output } from '../gen/shoal/peer/v1/FetchRequest.ts';
import type { Comparisons } from '../ports/comparisons.ts';
import type { Metrics } from '../ports/metrics.ts';
import {
  nodesReplyMessage,
  readNodesRequest,
  readSumsRequest,
  sumsReplyMessage,
} from '../wire/comparison-messages.ts';
import {
  fetchReplyMessage,
  keysReplyMessage,
  readFetchRequest,
  readKeysRequest,
} from '../wire/difference-messages.ts';
import type { PeerProtocol } from './peer-protocol.ts';
import { replicaFailure } from './replica-failure.ts';
import { type Judge, type Numbered, numbered, sound, stamped } from './stamped.ts';

export interface CompareServices {
  /** As that node may have them answered; what it must not ask is refused and counted there. */
  readonly comparisons: (asker: NodeName) => Comparisons;
  readonly metrics?: Metrics;
}

interface Parts extends CompareServices, Judge {
  readonly protocol: PeerProtocol;
}

const BACKGROUND = { write: false, kind: 'background', failure: replicaFailure } as const;

export function compareMethods({ comparisons, protocol, metrics, ...strict }: Parts): readonly Numbered[] {
  const { CompareSums, CompareNodes, CompareKeys, Fetch } = protocol;
  const refused = () => metrics?.count('repair.refused');
  const counting = <T>(read: T | undefined): T => {
    if (read === undefined) refused();
    return sound(read);
  };
  const judge: Judge = {
    stamps: { read: bytes => counting(strict.stamps.read(bytes)) },
    admit: stamp => {
      const why = strict.admit(stamp);
      if (why !== undefined) refused();
      return why;
    },
  };
  return [
    numbered(CompareSums, {
      ...BACKGROUND,
      answer: stamped(judge, async (message: CompareSumsRequest__Output, call, asker) =>
        sumsReplyMessage(await comparisons(asker).sums(counting(readSumsRequest(message)), call)),
      ),
    }),
    numbered(CompareNodes, {
      ...BACKGROUND,
      answer: stamped(judge, async (message: CompareNodesRequest__Output, call, asker) =>
        nodesReplyMessage(await comparisons(asker).nodes(counting(readNodesRequest(message)), call)),
      ),
    }),
    numbered(CompareKeys, {
      ...BACKGROUND,
      answer: stamped(judge, async (message: CompareKeysRequest__Output, call, asker) =>
        keysReplyMessage(await comparisons(asker).keys(counting(readKeysRequest(message)), call)),
      ),
    }),
    numbered(Fetch, {
      ...BACKGROUND,
      answer: stamped(judge, async (message: FetchRequest__Output, call, asker) =>
        fetchReplyMessage(await comparisons(asker).records(counting(readFetchRequest(message)), call)),
      ),
    }),
  ];
}
