import type { EndpointNeed, EndpointProtocol, RequiredEndpoint } from '../../contract/routing.ts'

/** An endpoint before the comparison with firewall rules, with the data that the comparison needs. */
export interface CandidateEndpoint extends Omit<RequiredEndpoint, 'open'> {
  /** Whether it is on the published list, which the FQDN tag of Azure Firewall for AKS follows. */
  isListed: boolean
  /** A service tag that also allows it. */
  serviceTag?: string
}

/** Two entries are equal if they have the same destination and protocol. */
export function endpointKey({ destination, port, protocol }: CandidateEndpoint): string {
  return `${destination.toLowerCase()} ${port} ${protocol}`
}

/** The features that read secrets or certificates from Key Vault. */
export const KEY_VAULT_USERS = 'Key Vault secrets provider, Istio with a plug-in CA, or application routing'

/** The feature of a cluster that needs a row; the words are the values of `when` in plans. */
const CONDITIONS = [
  'always',
  'public API server',
  'pods that use the API server',
  'Ubuntu pools',
  'Windows pools',
  'GPU pools',
  'workload identity',
  'Microsoft Defender',
  KEY_VAULT_USERS,
  'container monitoring',
  'managed Prometheus',
  'Azure Policy',
  'cost analysis',
  'cluster extensions',
  'marketplace extensions',
] as const
export type Condition = (typeof CONDITIONS)[number]

/** One row of a published list. `<region>` in a destination is replaced by the cluster's region. */
export interface EndpointRow {
  destination: string
  kind: 'fqdn' | 'serviceTag'
  port: number
  protocol: EndpointProtocol
  need: EndpointNeed
  reason: string
  when: Condition
  /** A service tag that the page names as an alternative. */
  serviceTag?: string
}

/** The common members of rows for the same purpose. */
export type EndpointTopic = Pick<EndpointRow, 'reason' | 'when' | 'serviceTag'> & { need?: EndpointNeed }

/** Rows for names over HTTPS, the usual kind. */
export function https(destinations: string[], topic: EndpointTopic): EndpointRow[] {
  return destinations.map((destination) => ({
    need: 'required',
    ...topic,
    destination,
    kind: 'fqdn',
    port: 443,
    protocol: 'HTTPS',
  }))
}

/** Rows for names over plain HTTP. */
export function http(destinations: string[], topic: EndpointTopic): EndpointRow[] {
  return https(destinations, topic).map((row) => ({ ...row, port: 80, protocol: 'HTTP' }))
}

/** A row for a service tag or name with a protocol other than HTTP and HTTPS. */
export function network(
  destination: string,
  protocol: 'TCP' | 'UDP',
  port: number,
  topic: EndpointTopic,
): EndpointRow {
  const kind = destination.startsWith('Azure') ? 'serviceTag' : 'fqdn'
  return { need: 'required', ...topic, destination, kind, port, protocol }
}

/** The endpoints through which nodes or pods reach the API server, as lists that are omitted if they are empty. */
export type ApiServerAccess = {
  /** The endpoints that the appliance blocks for nodes, and for pods. */
  apiServerOfNodes?: string[]
  apiServerOfPods?: string[]
  /** The endpoints of nodes or pods that no rule is known to allow. */
  apiServerUnproven?: string[]
}

/** A finding about all endpoints hides those without which the cluster loses its API server. */
export function apiServerAccess(
  required: RequiredEndpoint[],
  labelOf: (endpoint: RequiredEndpoint) => string,
): ApiServerAccess {
  const labels = (states: RequiredEndpoint['open'][], conditions: string[]) => [
    ...new Set(
      required
        .filter(({ open, when }) => {
          const reasons = when.split('; ')
          return states.includes(open) && conditions.some((condition) => reasons.includes(condition))
        })
        .map(labelOf),
    ),
  ]
  const [nodes, pods] = ['public API server', 'pods that use the API server']
  const lists = {
    apiServerOfNodes: labels(['blocked'], [nodes]),
    apiServerOfPods: labels(['blocked'], [pods]),
    apiServerUnproven: labels(['notProven', 'notChecked'], [nodes, pods]),
  }
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0))
}
