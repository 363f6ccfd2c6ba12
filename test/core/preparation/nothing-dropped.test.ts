import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../../src/contract/json.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aPool } from '../../support/a-cluster.ts'
import { STAMP } from '../../support/a-plan.ts'
import { arbitraryPolicy, arbitraryRequest, arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** The result of a plan's own steps on the network, worked out without the planner's own projection. */

const key = (id: string | null) => (id ?? '').toLowerCase()

function putsOf(plan: Plan) {
  return plan.steps.flatMap(({ does }) => (does.kind === 'putResource' ? [does] : []))
}

function attachedAfter(plan: Plan, subnetId: string, path: string, before: string | null): string | null {
  const changes = putsOf(plan)
    .filter(({ id, body }) => body === null && key(id) === key(subnetId))
    .flatMap((put) => put.changes)
    .filter((change) => change.path === path)
  const [change] = changes.slice(-1)
  if (change === undefined) return before
  return change.op === 'set' ? String((change.value as JsonObject).id) : null
}

/** The gateway that serves every subnet of the virtual network without its own gateway. */
function gatewayOfNetwork(subnetId: string, { virtualNetworks, natGateways }: Snapshot): string | null {
  const network = key(subnetId).replace(/\/subnets\/.*$/, '')
  const serving = Object.values(natGateways).find(
    (gateway) => key(gateway.sourceVirtualNetworkId) === network,
  )
  return virtualNetworks[network]?.natGatewayId ?? serving?.id ?? null
}

function createdBody(plan: Plan, id: string | null): JsonObject | null {
  return putsOf(plan).find((put) => put.body !== null && key(put.id) === key(id))?.body ?? null
}

/** The gateway as Azure shows it after the plan; null if it was not read. */
function gatewayAfter(plan: Plan, snapshot: Snapshot, id: string | null) {
  const body = createdBody(plan, id)
  const present = snapshot.natGateways[key(id)]
  if (body === null) return present ?? null
  const properties = body.properties as JsonObject
  return {
    sku: String((body.sku as JsonObject).name),
    zones: (body.zones as string[] | undefined) ?? [],
    idleTimeoutInMinutes: Number(properties.idleTimeoutInMinutes),
  }
}

/** The codes that say why a part of the request is not carried out. */
const EXPLAINING = ['PREPARE_NAME_TAKEN', 'PREPARE_GATEWAY_UNREADABLE']

function isExplained(plan: Plan, part: string): boolean {
  return plan.findings.some(({ code, facts }) => {
    if (EXPLAINING.includes(code)) return true
    if (code !== 'PREPARE_PART_UNUSED') return false
    return (facts.parts as { part: string }[]).some((entry) => entry.part.startsWith(`prepare.${part}`))
  })
}

function isAnyPartMet(plan: Plan, part: string): boolean {
  return plan.findings.some(
    ({ code, facts }) =>
      code === 'PREPARE_NOTHING_LEFT' ||
      (code === 'PREPARE_PART_MET' &&
        (facts.parts as { part: string }[]).some((entry) => entry.part.startsWith(`prepare.${part}`))),
  )
}

const WRITTEN: Record<string, RegExp> = {
  publicIps: /\/publicIPAddresses\//,
  publicIpPrefix: /\/publicIPPrefixes\//,
  natGateway: /\/natGateway/,
  defaultRoute: /\/routeTable/,
}

function isWritten(plan: Plan, part: string): boolean {
  const pattern = WRITTEN[part]
  const texts = putsOf(plan).flatMap(({ id, changes }) => [id, ...changes.map(({ path }) => path)])
  return pattern !== undefined && texts.some((text) => pattern.test(text))
}

/** Requests for a NAT gateway, which are rare among arbitrary requests. */
const gatewayRequest: typeof arbitraryRequest = fc
  .tuple(arbitraryRequest, fc.constantFrom<RequestedPreparation>({}, { natGateway: {} }))
  .map(([request, prepare]) => ({
    ...request,
    target: { outboundType: 'userAssignedNATGateway' },
    prepare: { natGateway: {}, ...request.prepare, ...prepare },
  }))

/** Clusters in the customer's network with a type from which a NAT gateway can be reached. */
const gatewaySnapshot = fc
  .tuple(arbitrarySnapshot, fc.constantFrom('loadBalancer', 'userAssignedNATGateway'))
  .map(([snapshot, outboundType]): Snapshot => {
    const agentPools = snapshot.subnets.map(({ id }, index) =>
      aPool({ name: `pool${index}`, vnetSubnetId: id }),
    )
    return { ...snapshot, cluster: { ...snapshot.cluster, outboundType, agentPools } }
  })

function always(
  holds: (plan: Plan, wanted: RequestedPreparation, snapshot: Snapshot) => void,
  requests = arbitraryRequest,
): void {
  const snapshots = requests === gatewayRequest ? gatewaySnapshot : arbitrarySnapshot
  fc.assert(
    fc.property(snapshots, requests, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const request: PlanningRequest = { ...asked, cluster: { subscriptionId, resourceGroup, name } }
      const plan = buildPlan(snapshot, request, policy, STAMP)
      // An unsupported change does nothing at all, and says so.
      if (request.prepare === undefined || plan.transition.support === 'unsupported') return
      holds(plan, request.prepare, snapshot)
    }),
    { numRuns: propertyRuns(2) },
  )
}

function must(condition: boolean, message: string, plan: Plan): void {
  if (!condition)
    throw new Error(
      `${message}: ${JSON.stringify({ findings: plan.findings.map(({ code, facts }) => [code, facts]).filter(([code]) => String(code).startsWith('PREPARE')), steps: plan.steps.map(({ title }) => title) })}`,
    )
}

t.test('every part of prepare is written, exists already, or has a finding that says why not', async (t) => {
  always(
    (plan, wanted) => {
      for (const part of Object.keys(WRITTEN)) {
        if (wanted[part as keyof RequestedPreparation] === undefined) continue
        // The addresses of a gateway that exists are compared with the request.
        const isCovered = part.startsWith('publicIp') && isAnyPartMet(plan, 'natGateway')
        must(
          isWritten(plan, part) || isExplained(plan, part) || isAnyPartMet(plan, part) || isCovered,
          `${part} is dropped`,
          plan,
        )
      }
    },
    fc.oneof(arbitraryRequest, gatewayRequest),
  )
  t.pass()
})

t.test('after the steps, each subnet has the requested NAT gateway, or a finding says why not', async (t) => {
  always((plan, { natGateway: wanted }, snapshot) => {
    if (wanted === undefined || plan.request.outboundType !== 'userAssignedNATGateway') return
    if (isExplained(plan, 'natGateway')) return
    for (const subnet of snapshot.subnets) {
      const before = subnet.natGatewayId ?? gatewayOfNetwork(subnet.id, snapshot)
      const id = attachedAfter(plan, subnet.id, '/properties/natGateway', before)
      must(id !== null, `${subnet.id} has no gateway`, plan)
      if (wanted.id !== undefined) {
        must(key(id) === key(wanted.id), `${subnet.id} has another gateway`, plan)
        continue
      }
      const gateway = gatewayAfter(plan, snapshot, id)
      must(gateway !== null, `${subnet.id} has an unknown gateway`, plan)
      if (gateway === null) continue
      must(
        wanted.sku === undefined || gateway.sku.toLowerCase() === wanted.sku.toLowerCase(),
        'another SKU',
        plan,
      )
      must(
        wanted.idleTimeoutInMinutes === undefined ||
          gateway.idleTimeoutInMinutes === wanted.idleTimeoutInMinutes,
        'another idle timeout',
        plan,
      )
      must(
        wanted.zones === undefined || [...gateway.zones].sort().join() === [...wanted.zones].sort().join(),
        'other zones',
        plan,
      )
    }
  }, gatewayRequest)
  t.pass()
})

t.test('a plan creates no NAT gateway and no route table that no subnet uses', async (t) => {
  always(
    (plan, _wanted, snapshot) => {
      for (const { id, body } of putsOf(plan)) {
        if (body === null || !/\/(natGateways|routeTables)\/[^/]+$/.test(id)) continue
        const path = /\/natGateways\//.test(id) ? '/properties/natGateway' : '/properties/routeTable'
        const isUsed = snapshot.subnets.some(
          (subnet) => key(attachedAfter(plan, subnet.id, path, null)) === key(id),
        )
        must(isUsed, `${id} is attached nowhere`, plan)
      }
    },
    fc.oneof(arbitraryRequest, gatewayRequest),
  )
  t.pass()
})

t.test('undoing the steps of a preparation restores the NAT gateway of each subnet', async (t) => {
  always((plan, _wanted, snapshot) => {
    for (const step of plan.steps)
      for (const does of step.undoes) {
        if (does.kind !== 'putResource') continue
        const subnet = snapshot.subnets.find(({ id }) => key(id) === key(does.id))
        const change = does.changes.find(({ path }) => path === '/properties/natGateway')
        if (subnet === undefined || change === undefined) continue
        const restored = change.op === 'set' ? String((change.value as JsonObject).id) : null
        must(key(restored) === key(subnet.natGatewayId), `${subnet.id} gets another gateway back`, plan)
      }
  }, gatewayRequest)
  t.pass()
})
