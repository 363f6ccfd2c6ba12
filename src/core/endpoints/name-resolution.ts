import type { DnsPath, DnsServer, NameResolution, PrivateZone } from '../../contract/name-resolution.ts'
import { idKey, lastSegment, nodeGroupId } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { virtualNetworkOf } from '../egress/destinations.ts'
import { firewallRuleSet } from '../egress/next-hop-firewall.ts'
import { holdsAddress } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import { listed } from '../lib/text.ts'
import type { VirtualNetworkFacts } from '../snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { AZURE_DNS, dnsPaths, firewallOfServer } from './custom-dns.ts'

/** The name resolution of the nodes now, and the paths to their DNS servers after the preparation of a plan. */
export function nameResolution(snapshot: Snapshot, prepared: Snapshot): NameResolution {
  const networks = networksOf(snapshot)
  const addresses = [...new Set(networks.flatMap(({ dnsServers }) => dnsServers))].filter(
    (address) => address !== AZURE_DNS,
  )
  const servers = addresses.map((address) => serverAt(address, snapshot, prepared, networks))
  return { servers, privateZone: privateZoneOf(snapshot, networks, servers) }
}

/** The id of the private DNS zone of a private cluster; null if it has none. AKS creates a zone in the node resource group. */
export function privateZoneId(cluster: ClusterFacts): string | null {
  const { enablePrivateCluster, privateDnsZone: zone, privateFqdn } = cluster
  if (!enablePrivateCluster || equalsArm(zone, 'none')) return null
  if (zone?.startsWith('/') === true) return zone
  const name = privateFqdn?.split('.').slice(1).join('.') ?? ''
  return name === '' ? null : `${nodeGroupId(cluster)}/providers/Microsoft.Network/privateDnsZones/${name}`
}

/** The virtual networks of the cluster that were read. */
function networksOf(snapshot: Snapshot): VirtualNetworkFacts[] {
  const found = snapshot.subnets.flatMap((subnet) => virtualNetworkOf(subnet, snapshot) ?? [])
  return distinctBy(found, ({ id }) => idKey(id))
}

function serverAt(
  address: string,
  snapshot: Snapshot,
  prepared: Snapshot,
  networks: VirtualNetworkFacts[],
): DnsServer {
  const firewall = firewallOfServer(address, snapshot)
  const holders = Object.values(snapshot.virtualNetworks).filter(({ addressPrefixes }) =>
    addressPrefixes.some((prefix) => holdsAddress(prefix, address)),
  )
  const near = new Set(networks.map(({ id }) => idKey(id)))
  const peers = new Set(
    networks.flatMap(({ peerings }) => peerings.map(({ remoteVirtualNetworkId: id }) => idKey(id ?? ''))),
  )
  const own = holders.filter(({ id }) => near.has(idKey(id)))
  const peered = holders.filter(({ id }) => peers.has(idKey(id)))
  const [location, places] =
    own.length > 0
      ? (['clusterNetwork', own] as const)
      : peered.length > 0
        ? (['peeredNetwork', peered] as const)
        : holders.length > 0
          ? (['otherNetwork', holders] as const)
          : (['elsewhere', []] as const)
  return {
    address,
    location,
    virtualNetworkIds: places.map(({ id }) => id),
    firewallId: firewall?.id ?? null,
    dnsProxy: firewall === null ? null : firewallRuleSet(firewall, snapshot).dnsProxy,
    before: worst(dnsPaths(address, snapshot)),
    after: worst(dnsPaths(address, prepared)),
  }
}

/** Nodes of every subnet need the server, so the worst path counts. */
function worst(paths: DnsPath[]): DnsPath {
  return (
    (['none', 'unknown', 'firewall', 'direct'] as const).find((path) => paths.includes(path)) ?? 'unknown'
  )
}

function privateZoneOf(
  snapshot: Snapshot,
  networks: VirtualNetworkFacts[],
  servers: DnsServer[],
): PrivateZone | null {
  const { cluster, surroundings } = snapshot
  if (!cluster.enablePrivateCluster) return null
  if (equalsArm(cluster.privateDnsZone, 'none'))
    return {
      mode: 'none',
      id: null,
      linkedVirtualNetworkIds: null,
      resolvable: 'yes',
      because: 'The cluster has no private DNS zone: public DNS resolves the name of the API server.',
    }
  const id = privateZoneId(cluster)
  const read = surroundings?.privateZoneLinks
  const links = read != null && 'facts' in read ? read.facts : null
  return {
    mode: cluster.privateDnsZone?.startsWith('/') === true ? 'custom' : 'system',
    id,
    linkedVirtualNetworkIds: links,
    ...resolvability(links, networks, servers, snapshot),
  }
}

type Resolvability = Pick<PrivateZone, 'resolvable' | 'because'>

/**
 * Azure DNS answers for a private zone only in networks that the zone is linked to. With custom DNS servers, the network of
 * the servers counts (private-clusters, hub and spoke with custom DNS). The worst network and server decide.
 */
function resolvability(
  links: string[] | null,
  networks: VirtualNetworkFacts[],
  servers: DnsServer[],
  snapshot: Snapshot,
): Resolvability {
  if (links === null)
    return { resolvable: 'unknown', because: 'The virtual network links of the zone could not be read.' }
  const linked = new Set(links.map(idKey))
  const byAzure = networks.filter(({ dnsServers }) => dnsServers.every((server) => server === AZURE_DNS))
  const found = [
    ...byAzure.map(({ id }) => byAzureDns(linked.has(idKey(id)))),
    ...servers.map((server) => byServer(server, linked, snapshot)),
  ]
  return (
    (['no', 'unknown', 'yes'] as const).flatMap(
      (level) => found.find(({ resolvable }) => resolvable === level) ?? [],
    )[0] ?? { resolvable: 'unknown', because: 'The virtual network of the cluster could not be read.' }
  )
}

function byAzureDns(isLinked: boolean): Resolvability {
  return isLinked
    ? { resolvable: 'yes', because: 'The zone is linked to the virtual network of the cluster.' }
    : { resolvable: 'no', because: 'The zone is not linked to the virtual network of the cluster.' }
}

/** ARM shows the forwarding of a DNS server only for the DNS proxy of a firewall. */
function byServer(server: DnsServer, linked: ReadonlySet<string>, snapshot: Snapshot): Resolvability {
  const { address, dnsProxy, virtualNetworkIds } = server
  const [networkId, ...others] = virtualNetworkIds
  if (dnsProxy === false)
    return { resolvable: 'no', because: `The DNS proxy of the firewall at ${address} is off.` }
  if (others.length > 0)
    return {
      resolvable: 'unknown',
      because: `The address of the DNS server ${address} is in several virtual networks (${listed(virtualNetworkIds.map(lastSegment))}), so it is unknown in which of them the server is. Check that its virtual network is linked to the zone, or that it forwards the zone to Azure DNS in a linked virtual network.`,
    }
  if (networkId === undefined)
    return {
      resolvable: 'unknown',
      because: `The DNS server ${address} is in no virtual network that this service knows. Check that it forwards the zone to Azure DNS in a linked virtual network.`,
    }
  const isLinked = linked.has(idKey(networkId))
  const link = `The zone is ${isLinked ? '' : 'not '}linked to the virtual network of the DNS server ${address}`
  if (dnsProxy === true && asksAzureDns(address, snapshot))
    return {
      resolvable: isLinked ? 'yes' : 'no',
      because: `${link}, the DNS proxy of a firewall that asks Azure DNS.`,
    }
  return {
    resolvable: 'unknown',
    because: isLinked
      ? `${link}. Check that the server forwards the zone to Azure DNS (${AZURE_DNS}).`
      : `${link}. Check that the server forwards the zone to a server in a linked virtual network.`,
  }
}

function asksAzureDns(address: string, snapshot: Snapshot): boolean {
  const firewall = firewallOfServer(address, snapshot)
  const ruleSet = firewall === null ? null : firewallRuleSet(firewall, snapshot)
  return ruleSet?.unread === null && ruleSet.dnsServers?.every((server) => server === AZURE_DNS) === true
}
