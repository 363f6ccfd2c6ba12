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

/** The features that read secrets or certificates from Key Vault. */
export const KEY_VAULT_USERS =
  'Key Vault secrets provider, Istio with its own authority, or application routing'

/** What a cluster must have for a row to be its own; the words are those of the plan's `when`. */
const CONDITIONS = [
  'always',
  'public API server',
  'Linux pools',
  'Windows pools',
  'GPU pools',
  'workload identity',
  'Microsoft Defender',
  KEY_VAULT_USERS,
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

/** What rows for the same purpose have in common. */
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

/** A row for a service tag or name that is no web traffic. */
export function network(
  destination: string,
  protocol: 'TCP' | 'UDP',
  port: number,
  topic: EndpointTopic,
): EndpointRow {
  const kind = destination.startsWith('Azure') ? 'serviceTag' : 'fqdn'
  return { need: 'conditional', ...topic, destination, kind, port, protocol }
}

/** Topics that several clouds' lists have; each list names its own places. */
export const SYSTEM_IMAGES: EndpointTopic = { reason: 'Registry of the system images.', when: 'always' }
export const IMAGE_STORAGE: EndpointTopic = {
  reason: 'Storage behind the registry of the system images.',
  when: 'always',
}
export const RESOURCE_MANAGER: EndpointTopic = {
  reason: 'Kubernetes acts on Azure through it.',
  when: 'always',
}
export const SIGN_IN: EndpointTopic = { reason: 'Sign-in to Microsoft Entra ID.', when: 'always' }
export const NODE_PACKAGES: EndpointTopic = { reason: 'Packages of the node image.', when: 'always' }
export const API_SERVER: EndpointTopic = {
  reason: 'Nodes reach the API server by it.',
  when: 'public API server',
}
export const NODE_BINARIES: EndpointTopic = {
  reason: 'Binaries such as the network plug-ins.',
  when: 'always',
}
export const LINUX_TIME: EndpointTopic = { reason: 'Time of Linux nodes.', when: 'Linux pools' }
export const LINUX_UPDATES: EndpointTopic = {
  reason: 'Updates of Linux nodes between node images.',
  when: 'Linux pools',
  need: 'recommended',
}
export const GPU_DRIVERS: EndpointTopic = { reason: 'Drivers of GPU nodes.', when: 'GPU pools' }
export const WINDOWS_BINARIES: EndpointTopic = { reason: 'Binaries of Windows nodes.', when: 'Windows pools' }
export const WORKLOAD_TOKENS: EndpointTopic = { reason: 'Tokens of workloads.', when: 'workload identity' }
export const SECURITY_EVENTS: EndpointTopic = {
  reason: 'Security events go up by it.',
  when: 'Microsoft Defender',
}
export const METRICS: EndpointTopic = {
  reason: 'Takes in metrics.',
  when: 'managed Prometheus',
  serviceTag: 'AzureMonitor',
}
export const LOGS: EndpointTopic = {
  reason: 'Takes in log data.',
  when: 'container monitoring',
  serviceTag: 'AzureMonitor',
}
export const POLICIES: EndpointTopic = {
  reason: 'Policies come from it, and compliance is told to it.',
  when: 'Azure Policy',
}
export const COSTS: EndpointTopic = { reason: 'Costs are read through it.', when: 'cost analysis' }
