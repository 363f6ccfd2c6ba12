import t from 'tap'
import type { VirtualNetworkPeeringFacts } from '../../../src/core/snapshot/network-facts.ts'
import {
  aByoSnapshot,
  aFirewall,
  aPublicIp,
  aRouteTable,
  aVirtualNetwork,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { NETWORK_OF_USER, TABLE } from '../../support/own-network.ts'

const [OWN, HUB, OTHER] = ['vnet', 'hub', 'other'].map((name) => `${NETWORK_OF_USER}/virtualNetworks/${name}`)
const IP = `${NETWORK_OF_USER}/publicIPAddresses`
const ADDRESSES = { hub: '20.3.0.1', other: '20.3.0.2', secured: '20.4.0.1' }

type Place = keyof typeof ADDRESSES | 'own'

/** A firewall at 10.9.0.4 in the virtual network of the nodes, in another one, or in a virtual hub. */
function firewallIn(place: Place) {
  const id = `${NETWORK_OF_USER}/azureFirewalls/${place}`
  const network = { own: OWN, hub: HUB, other: OTHER, secured: null }[place]
  return network === null
    ? aFirewall({ id, hubPublicAddresses: [ADDRESSES.secured] })
    : aFirewall({
        id,
        publicIpIds: [`${IP}/${place === 'own' ? 'hub' : place}`],
        subnetIds: [`${network}/subnets/AzureFirewallSubnet`.toUpperCase()],
      })
}

function peering(remoteVirtualNetworkId: string | null = HUB ?? null, isConnected = true) {
  return { name: 'peering', remoteVirtualNetworkId, useRemoteGateways: false, isConnected }
}

/** The addresses from which nodes leave after a change to userDefinedRouting, and the codes of the findings. */
function planOf(places: Place[], peerings: VirtualNetworkPeeringFacts[], isRead = true) {
  const snapshot = aByoSnapshot(
    { routeTableId: TABLE },
    {
      virtualNetworks: isRead ? [aVirtualNetwork({ id: OWN ?? '', peerings })] : [],
      routeTables: [{ ...aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4'), subnetIds: [SUBNET] }],
      firewalls: places.map(firewallIn),
      publicIps: (['hub', 'other'] as const).map((name) =>
        aPublicIp({ id: `${IP}/${name}`, address: ADDRESSES[name] }),
      ),
    },
  )
  const plan = planFor(snapshot, 'userDefinedRouting')
  return {
    addresses: plan.paths[0]?.after.addresses,
    isUnknown: codesOf(plan).includes('EGRESS_PATH_NOT_IN_ARM'),
  }
}

t.test('a next hop is only a firewall that the network of the nodes is connected to', async (t) => {
  const known = (place: keyof typeof ADDRESSES) => ({ addresses: [ADDRESSES[place]], isUnknown: false })
  const unknown = { addresses: [], isUnknown: true }
  const cases: [string, ReturnType<typeof planOf>, ReturnType<typeof planOf>][] = [
    ['in the own network', planOf(['own'], []), known('hub')],
    ['in a peered network', planOf(['hub'], [peering()]), known('hub')],
    ['letter case of the peering', planOf(['hub'], [peering(HUB?.toUpperCase())]), known('hub')],
    ['in a network without a peering', planOf(['hub'], []), unknown],
    ['in a network that is not peered', planOf(['other'], [peering()]), unknown],
    ['in a network that is not peered any longer', planOf(['hub'], [peering(HUB, false)]), unknown],
    ['a peering without a visible network', planOf(['hub'], [peering(null)]), unknown],
    ['in a virtual hub with a connection', planOf(['secured'], [peering(OTHER)]), known('secured')],
    ['in a virtual hub without a connection', planOf(['secured'], []), unknown],
    ['an unrelated firewall has the same address', planOf(['other', 'hub'], [peering()]), known('hub')],
    ['two connected firewalls have the address', planOf(['own', 'hub', 'secured'], [peering()]), unknown],
  ]
  for (const [name, found, wanted] of cases) t.strictSame(found, wanted, name)
})

t.test('a firewall counts if the network of the nodes was not read', async (t) => {
  t.strictSame(planOf(['hub'], [], false).addresses, [ADDRESSES.hub])
})
