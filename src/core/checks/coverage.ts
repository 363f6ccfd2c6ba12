import { finding } from '../findings/catalogue.ts'
import { unseenSubnetIds } from '../vnet-kind.ts'
import type { Check } from './check.ts'

/** What could not be read is said, never taken for absent (needs N2, N13). */
export const coverage: Check = ({ snapshot, isNoChange }) => {
  const unread = snapshot.unread.map((each) => each.what)
  const subnets = isNoChange ? [] : unseenSubnetIds(snapshot.cluster, snapshot.subnets)
  return [
    ...(subnets.length === 0 ? [] : [finding('SUBNET_UNREADABLE', { subnets })]),
    ...(unread.length === 0 ? [] : [finding('READ_INCOMPLETE', { unread })]),
  ]
}
