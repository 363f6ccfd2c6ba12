import { firewallBehind, ruleBookOf } from '../firewall-behind.ts'
import { regionKey } from '../regions.ts'
import type { Snapshot } from '../snapshot.ts'
import type { CandidateEndpoint } from './candidate-endpoint.ts'
import { passesFirewall } from './firewall-match.ts'
import { cloudOf, listedEndpoints, listOf } from './listed-endpoints.ts'
import { united } from './named-by-arm.ts'
import {
  OPENNESS,
  type Openness,
  type RequiredEndpoint,
  type RequiredEndpoints,
} from './required-endpoint.ts'

/**
 * Everything that nodes must reach once they leave by an appliance, compared with the rules of the firewalls that
 * the subnets' default routes lead to. `snapshot` is the network as it will be when they do.
 */
export function requiredEndpoints(snapshot: Snapshot): RequiredEndpoints {
  const { cluster, surroundings, takenAt } = snapshot
  const read = surroundings?.outboundDependencies ?? null
  const listed = listedEndpoints(cluster)
  const tunnelTag = `AzureCloud.${regionKey(cluster.location)}`
  const endpoints = united(
    listed,
    read !== null && 'facts' in read ? read.facts : [],
    tunnelTag,
    takenAt.slice(0, 10),
  )
  return {
    asOf: listOf(cluster).asOf,
    cloud: cloudOf(cluster.location),
    coverage: {
      arm: read === null ? 'notAsked' : 'facts' in read ? 'asked' : 'unread',
      why: read === null || 'facts' in read ? null : `${read.unread.code}: ${read.unread.message}`,
      notCovered: notCovered(snapshot),
    },
    endpoints: endpoints.map((endpoint) => judged(endpoint, snapshot)),
  }
}

function judged(endpoint: CandidateEndpoint, snapshot: Snapshot): RequiredEndpoint {
  const { isListed: _listed, serviceTag: _tag, ...rest } = endpoint
  return { ...rest, open: opennessOf(endpoint, snapshot) }
}

/** The worst of all subnets: nodes start in each of them. */
function opennessOf(endpoint: CandidateEndpoint, snapshot: Snapshot): Openness {
  const found = snapshot.subnets.flatMap((subnet): Openness[] => {
    const firewall = firewallBehind(subnet, snapshot)
    const book = firewall === null ? null : ruleBookOf(firewall, snapshot)
    if (book === null || book.unread !== null) return ['notChecked']
    const sources = ipv4Of(subnet.addressPrefixes)
    return sources.length === 0
      ? ['notChecked']
      : sources.map((source) => passesFirewall(endpoint, source, book))
  })
  return OPENNESS.toReversed().find((each) => found.includes(each)) ?? 'notChecked'
}

/** Azure Firewall passes IPv4 alone. */
export function ipv4Of(prefixes: string[]): string[] {
  return prefixes.filter((prefix) => !prefix.includes(':'))
}

function notCovered({ cluster }: Snapshot): string[] {
  const isPublic = !cluster.enablePrivateCluster && !cluster.enableVnetIntegration
  return [
    'Registries and services that the workloads themselves use.',
    'Extensions of the cluster, such as Flux or Dapr: they are resources beside it and were not read.',
    'Custom DNS servers (UDP 53), where the network names them.',
    ...(isPublic ? ['TCP 443 to the address of the API server, for pods that call it by its address.'] : []),
    ...(cluster.features.httpProxy
      ? ['The HTTP proxy that the nodes use, which must reach the same places.']
      : []),
  ]
}
