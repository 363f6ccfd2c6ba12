import { idsAt, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import type { ClusterView, Leg } from './cluster-view.ts'

/** The cause of a change: a request, or the end of an operation with the request that started it. */
export interface Cause {
  request: CausingRequest | null
  operation: { id: string; kind: string; resourceId: string } | null
}

/** The number of a request in the log, with the client that sent it. */
export interface CausingRequest {
  seq: number
  method: string
  path: string
  userAgent: string | null
}

/** A change that users would notice. */
export interface Incident {
  kind:
    | 'apiServerLost'
    | 'egressLost'
    | 'addressDeleted'
    | 'addressDetached'
    | 'frontendWithoutRule'
    | 'ruleWithoutFrontend'
    | 'applicationGatewayLost'
  cluster: string | null
  subnet: string | null
  pools: string[]
  /** The source address; null if the incident does not concern a single address. */
  address: string | null
  /** The ID of the address, frontend or rule. */
  resource: string | null
  /** False for an address that packets used earlier, but not immediately before the change. */
  wasInUse: boolean
  detail: string
}

const NOTHING = { cluster: null, subnet: null, pools: [], address: null, resource: null, wasInUse: true }

/** The losses of nodes between two views of their cluster. New nodes cannot lose anything. */
export function lostAccess(before: ClusterView, after: ClusterView): Incident[] {
  return [...lostApiServer(before, after), ...lostEgress(before, after)]
}

function lostApiServer(before: ClusterView, after: ClusterView): Incident[] {
  return [...after.apiServer].flatMap(([key, { nodes, state, rejected }]): Incident[] => {
    const former = before.apiServer.get(key)?.state ?? 'lost'
    if (state !== 'lost' || former === 'lost') return []
    const place = { cluster: after.clusterId, subnet: nodes.subnetId, pools: nodes.pools }
    const lost = { ...NOTHING, ...place, kind: 'apiServerLost' as const }
    if (rejected.length === 0)
      return [{ ...lost, detail: 'No path with an allowed source address leads to it.' }]
    return rejected.map((address) => ({
      ...lost,
      address,
      detail: `The authorized IP ranges do not contain ${address}.`,
    }))
  })
}

function lostEgress(before: ClusterView, after: ClusterView): Incident[] {
  const former = new Map(before.legs.map((leg) => [legKey(leg), leg]))
  return after.legs.flatMap((leg): Incident[] => {
    const isOpenBefore = former.get(legKey(leg))?.walk.isDropped === false
    if (leg.destination.kind !== 'internet' || !leg.walk.isDropped || !isOpenBefore) return []
    const { subnetId: subnet, pools } = leg.nodes
    const detail = `Packets to the ${leg.destination.name} are dropped.`
    return [{ ...NOTHING, kind: 'egressLost', cluster: after.clusterId, subnet, pools, detail }]
  })
}

function legKey({ nodes, destination }: Leg): string {
  return `${nodes.key} to ${destination.name}`
}

/** Application gateways that lost their path to the internet, by subnet. */
export function lostGateways(before: Set<string>, after: Set<string>): Incident[] {
  return [...after]
    .filter((id) => !before.has(id))
    .map((id): Incident => {
      const detail = 'The default route of an application gateway no longer leads to the internet.'
      return { ...NOTHING, kind: 'applicationGatewayLost', subnet: id, resource: id, detail }
    })
}

/** Rules and frontends that a change of a load balancer has separated. */
export function separatedFrontends(
  before: JsonObject | undefined,
  after: JsonObject | undefined,
): Incident[] {
  const [served, servedBefore] = [servedFrontends(after), servedFrontends(before)]
  const danglingBefore = new Set(danglingRules(before))
  return [
    ...danglingRules(after)
      .filter((resource) => !danglingBefore.has(resource))
      .map((resource): Incident => {
        const detail = 'The frontend of the rule is gone.'
        return { ...NOTHING, kind: 'ruleWithoutFrontend', resource, detail }
      }),
    ...frontendIdsOf(after)
      .filter((id) => servedBefore.has(id.toLowerCase()) && !served.has(id.toLowerCase()))
      .map((resource): Incident => {
        const detail = 'No rule uses the frontend any longer.'
        return { ...NOTHING, kind: 'frontendWithoutRule', resource, detail }
      }),
  ]
}

/** IDs of the rules whose frontend does not exist. */
function danglingRules(balancer: JsonObject | undefined): string[] {
  const frontends = new Set(frontendIdsOf(balancer).map((id) => id.toLowerCase()))
  return rulesOf(balancer)
    .filter((rule) => frontendsNamedBy(rule).some((id) => !frontends.has(id)))
    .map((rule) => textAt(rule, 'id') ?? '')
}

function frontendIdsOf(balancer: JsonObject | undefined): string[] {
  return objectsAt(balancer, 'properties', 'frontendIPConfigurations').flatMap(
    (frontend) => textAt(frontend, 'id') ?? [],
  )
}

function rulesOf(balancer: JsonObject | undefined): JsonObject[] {
  return ['loadBalancingRules', 'inboundNatRules', 'outboundRules'].flatMap((list) =>
    objectsAt(balancer, 'properties', list),
  )
}

function frontendsNamedBy(rule: JsonObject): string[] {
  const single = textAt(rule, 'properties', 'frontendIPConfiguration', 'id')
  const several = idsAt(rule, 'properties', 'frontendIPConfigurations')
  return [...(single === undefined ? [] : [single]), ...several].map((id) => id.toLowerCase())
}

function servedFrontends(balancer: JsonObject | undefined): Set<string> {
  return new Set(rulesOf(balancer).flatMap(frontendsNamedBy))
}
