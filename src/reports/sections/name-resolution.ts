import type { DnsPath, DnsServer, PrivateZone } from '../../contract/name-resolution.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { type Block, codeOrDash, paragraph, prose, type Section, tableOf } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const LOCATIONS: Record<DnsServer['location'], string> = {
  clusterNetwork: 'virtual network of the cluster',
  peeredNetwork: 'peered virtual network',
  otherNetwork: 'virtual network without a peering',
  elsewhere: 'in no known virtual network',
}
const PATHS: Record<DnsPath, string> = {
  direct: 'direct',
  firewall: 'through a firewall',
  none: 'dropped by a route',
  unknown: 'unknown',
}
const RESOLVABLE: Record<PrivateZone['resolvable'], string> = {
  yes: 'The private name of the API server can be resolved.',
  no: 'The private name of the API server cannot be resolved by the DNS servers of the nodes.',
  unknown: 'It is unknown whether the private name of the API server can be resolved.',
}

/** How nodes resolve names. Omitted if they use the DNS of Azure and the cluster is not private. */
export function nameResolutionSection({ nameResolution }: ReportedPlan): Section | null {
  if (nameResolution === undefined) return null
  const { servers, privateZone } = nameResolution
  if (servers.length === 0 && privateZone === null) return null
  return {
    id: 'name-resolution',
    title: 'Name resolution',
    blocks: [
      ...tableOf(
        'Custom DNS servers of the nodes',
        ['DNS server', 'Location', 'Firewall', 'Path before', 'Path after'],
        servers.map(({ address, location, firewallId, dnsProxy, before, after }) => [
          [{ code: address }],
          LOCATIONS[location] ?? location,
          firewallId === null
            ? '–'
            : [{ code: lastSegment(firewallId) }, `, DNS proxy ${proxyText(dnsProxy)}`],
          PATHS[before] ?? before,
          PATHS[after] ?? after,
        ]),
      ),
      ...zoneBlocks(privateZone),
    ],
  }
}

function proxyText(dnsProxy: boolean | null): string {
  return dnsProxy === null ? 'unknown' : dnsProxy ? 'on' : 'off'
}

function zoneBlocks(zone: PrivateZone | null): Block[] {
  if (zone === null) return []
  const { id, linkedVirtualNetworkIds: links, resolvable, because } = zone
  return [
    paragraph(
      'Private DNS zone: ',
      codeOrDash(id === null ? null : lastSegment(id)),
      '. ',
      ...prose(because),
    ),
    paragraph(RESOLVABLE[resolvable] ?? resolvable),
    ...tableOf(
      'Virtual network links of the private DNS zone',
      ['Virtual network'],
      (links ?? []).map((link) => [[{ code: lastSegment(link) }]]),
    ),
  ]
}
