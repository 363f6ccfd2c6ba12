import t from 'tap'
import { isEmptySubnet } from '../../../src/core/egress/subnet-attachments.ts'
import { aPool, aSnapshot, aSubnet, SUBNET } from '../../support/a-cluster.ts'

t.test('a subnet is empty if no pool has a node there and nothing else uses an address', async (t) => {
  const isEmpty = (counts: (number | null)[], occupantGroups: string[] = [], others: number[] = []) => {
    const inside = counts.map((count, index) => aPool({ name: `p${index}`, vnetSubnetId: SUBNET, count }))
    const outside = others.map((count, index) => aPool({ name: `o${index}`, count }))
    const subnet = aSubnet({ pools: inside.map(({ name }) => name), occupantGroups })
    const snapshot = aSnapshot({ cluster: { agentPools: [...inside, ...outside] }, subnets: [subnet] })
    return isEmptySubnet(subnet, snapshot)
  }
  t.ok(isEmpty([0]))
  t.ok(isEmpty([0, 0]))
  t.ok(isEmpty([0], [], [3]), 'nodes in another subnet')
  t.notOk(isEmpty([3]))
  t.notOk(isEmpty([0, 3]))
  t.notOk(isEmpty([null]), 'a pool of unknown size')
  t.notOk(isEmpty([0], ['/rg-others']), 'a machine of another owner')
})
