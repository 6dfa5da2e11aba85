import { N2, openPeer, openRemotes } from '../rpc/peer-support.ts';
import { replicaContract } from './replica.contract.ts';

replicaContract('a replica by loopback', async far => far);

replicaContract('a replica over gRPC', async far => {
  const { address } = await openPeer({ replica: far });
  return openRemotes(() => address).remotes.replica(N2);
});
