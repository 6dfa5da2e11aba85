import { N2, openPeer, openRemotes } from '../rpc/peer-support.ts';
import { comparisonsContract } from './comparisons.contract.ts';

comparisonsContract('comparisons by loopback', async far => far);

comparisonsContract('comparisons over gRPC', async far => {
  const { address } = await openPeer({ comparisons: () => far });
  return openRemotes(() => address).remotes.comparisons(N2);
});
