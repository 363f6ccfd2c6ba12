import type { Cloud, EndpointNeed, EndpointProtocol, RequiredEndpoint } from '../../contract/routing.ts'

/** An endpoint before it is compared with a firewall's rules, with what the comparison needs to know of it. */
export interface CandidateEndpoint extends Omit<RequiredEndpoint, 'open'> {
  /** It is on the published list, which the firewall's tag for AKS follows. */
  isListed: boolean
  /** A service tag that opens it as well. */
  serviceTag?: string
}

/** Two entries are one when they lead to the same place by the same protocol. */
export function endpointKey({ destination, port, protocol }: CandidateEndpoint): string {
  return `${destination.toLowerCase()} ${port} ${protocol}`
}

/** What a cluster must have for a row to be its own; the words are those of the plan's `when`. */
const CONDITIONS = [
  'always',
  'public API server',
  'Linux pools',
  'Windows pools',
  'GPU pools',
  'workload identity',
  'Microsoft Defender',
  'Key Vault secrets provider, Istio with a plug-in CA, or application routing',
  'container monitoring',
  'managed Prometheus',
  'Azure Policy',
  'cost analysis',
] as const
export type Condition = (typeof CONDITIONS)[number]

/** One row of a published list. `<region>` in a destination stands for the cluster's region. */
export interface EndpointRow {
  destination: string
  kind: 'fqdn' | 'serviceTag'
  port: number
  protocol: EndpointProtocol
  need: EndpointNeed
  reason: string
  when: Condition
  /** A service tag that the page names as another way to open the same. */
  serviceTag?: string
}

/** A cloud's list: data with a date and a source, copied from the page row by row and never from another cloud's. */
export interface EndpointList {
  cloud: Cloud
  /** Date of the page. */
  asOf: string
  source: string
  rows: readonly EndpointRow[]
}

type Rest = Omit<EndpointRow, 'destination' | 'kind' | 'port' | 'protocol' | 'need'> & { need?: EndpointNeed }

/** Rows for names over HTTPS, the usual kind. */
export function https(destinations: string[], rest: Rest): EndpointRow[] {
  return destinations.map((destination) => ({
    need: 'required',
    ...rest,
    destination,
    kind: 'fqdn',
    port: 443,
    protocol: 'HTTPS',
  }))
}

/** Rows for names over plain HTTP. */
export function http(destinations: string[], rest: Rest): EndpointRow[] {
  return https(destinations, rest).map((row) => ({ ...row, port: 80, protocol: 'HTTP' }))
}

/** A row for a service tag or name that is no web traffic. */
export function network(destination: string, protocol: 'TCP' | 'UDP', port: number, rest: Rest): EndpointRow {
  const kind = destination.startsWith('Azure') ? 'serviceTag' : 'fqdn'
  return { need: 'conditional', ...rest, destination, kind, port, protocol }
}
