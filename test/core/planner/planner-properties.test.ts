import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import { buildPlanningContext, type PlanningContext } from '../../../src/core/context/planning-context.ts'
import { serviceFrontendOn } from '../../../src/core/context/service-frontends.ts'
import { holdsAddress, uncovered } from '../../../src/core/lib/cidr.ts'
import { buildEgressReport } from '../../../src/core/planner/egress-report.ts'
import { buildPlan } from '../../../src/core/planner/planner.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import { evaluateDecisiveRules, evaluateRules } from '../../../src/core/rules/index.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { unseenSubnetIds } from '../../../src/core/snapshot/vnet-kind.ts'
import { LOAD_BALANCER_PATH, NAT_GATEWAY_PATH, RANGES_PATH } from '../../../src/core/target/cluster-patch.ts'
import { aLoadBalancerProfile } from '../../support/a-cluster.ts'
import { ANY_POLICY, STAMP } from '../../support/a-plan.ts'
import { arbitraryPolicy, arbitraryRequest, arbitrarySnapshot } from '../../support/arbitrary-snapshot.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** Holds for every cluster and every request; fast-check prints seed and the smallest counterexample. */
function always(holds: (made: Plan, context: PlanningContext) => void, numRuns = propertyRuns()): void {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const request: PlanningRequest = { ...asked, cluster: { subscriptionId, resourceGroup, name } }
      const made = buildPlan(snapshot, request, policy, STAMP)
      holds(made, buildPlanningContext(snapshot, request, policy))
    }),
    { numRuns },
  )
}

function must(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}

function mustEqual(actual: unknown, expected: unknown, message: string): void {
  must(
    JSON.stringify(actual) === JSON.stringify(expected),
    `${message}: ${JSON.stringify({ actual, expected })}`,
  )
}

const changesOf = (made: Plan) =>
  made.steps.flatMap(({ key, does }) =>
    does.kind === 'updateCluster' ? does.changes.map((change) => ({ key, change })) : [],
  )

t.test('planning never throws, gives the same plan again and leaves its input as it was', async (t) => {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const request: PlanningRequest = { ...asked, cluster: { subscriptionId, resourceGroup, name } }
      const input = JSON.stringify([snapshot, request, policy])
      const first = JSON.stringify(buildPlan(snapshot, request, policy, STAMP))
      mustEqual(JSON.stringify([snapshot, request, policy]), input, 'the input was altered')
      mustEqual(
        JSON.stringify(buildPlan(structuredClone(snapshot), request, policy, STAMP)),
        first,
        'not the same',
      )
    }),
    { numRuns: propertyRuns() },
  )
  t.pass()
})

/** Without an address inside a prefix of the ledger, and such a prefix: each stands for a part of the other. */
function apart(texts: string[], { egressIps }: Plan): string[] {
  const addresses = egressIps.flatMap(({ address }) => address ?? [])
  const isApart = (text: string) =>
    addresses.every((other) => other === text || !(holdsAddress(other, text) || holdsAddress(text, other)))
  return texts.filter((text) => isApart(text.split(' ')[0] ?? '')).sort()
}

t.test('the ledger balances', async (t) => {
  always((made, { before, after }) => {
    const of = (...changes: string[]) =>
      made.egressIps.flatMap((each) =>
        changes.includes(each.change) && each.address !== null ? [`${each.address} ${each.family}`] : [],
      )
    const known = (addresses: { address: string | null; family: string }[]) =>
      addresses.flatMap((each) => (each.address === null ? [] : [`${each.address} ${each.family}`]))
    const future = of('kept', 'added')
    mustEqual(apart(future, made), apart(known(after.known), made), 'kept and added are not what will be')
    const used = made.egressIps.flatMap(({ address, family, change, usedBefore }) =>
      change !== 'added' && address !== null && usedBefore?.length !== 0 ? [`${address} ${family}`] : [],
    )
    mustEqual(apart(used, made), apart(known(before), made), 'what was there is not accounted for')
    for (const { change, usedBefore } of made.egressIps)
      must(change !== 'kept' || usedBefore?.length !== 0, 'an address that nothing used is kept')
    const later = made.egressIps.filter((each) => each.change === 'added' && each.address === null).length
    mustEqual(later, after.created.IPv4 + after.created.IPv6 + after.prepared.length, 'created addresses')
    must(!after.unknowable || made.egressIps.some((each) => each.change === 'unknown'), 'no unknown entry')
  })
  t.pass()
})

t.test('the egress paths of all subnets add up to the ledger', async (t) => {
  always((made, { snapshot, after }) => {
    const isSeen =
      snapshot.subnets.length > 0 && unseenSubnetIds(snapshot.cluster, snapshot.subnets).length === 0
    if (!isSeen) return
    const addresses = (side: 'before' | 'after') =>
      [...new Set(made.paths.flatMap((each) => each[side].addresses))].sort()
    const of = (...changes: string[]) =>
      [
        ...new Set(
          made.egressIps.flatMap((each) => (changes.includes(each.change) ? (each.address ?? []) : [])),
        ),
      ].sort()
    const used = made.egressIps.filter(({ usedBefore }) => usedBefore?.length !== 0)
    const before = used.flatMap(({ address, change }) => (change === 'added' ? [] : (address ?? [])))
    mustEqual(apart(addresses('before'), made), apart([...new Set(before)], made), 'before')
    const later = [addresses('after'), of('kept', 'added')].map((list) => apart(list, made))
    if (after.undecided.length === 0) mustEqual(later[0], later[1], 'after')
    const hasUnknown = made.paths.some((each) => !each.after.isComplete)
    mustEqual(hasUnknown, after.unknowable || after.undecided.length > 0, 'complete')
  })
  t.pass()
})

t.test(
  'no address of a Service is released without a finding, and none of the customer is detached',
  async (t) => {
    always((made, { snapshot }) => {
      const rows = made.resourceChanges.filter(
        ({ id }) => id !== null && serviceFrontendOn(id, snapshot) !== null,
      )
      const isReleased = rows.some(({ action }) => action === 'delete')
      const isSaid = made.findings.some(({ code }) => code === 'SERVICE_SHARES_EGRESS_IP')
      must(!isReleased || isSaid, 'the address of a Service is released silently')
      must(!rows.some(({ action }) => action === 'detach'), 'the frontend of a Service is detached')
    })
    t.pass()
  },
)

t.test(
  'a plan is blocked exactly when it has a blocker, and without change it has nothing to do',
  async (t) => {
    always((made) => {
      const hasBlocker = made.findings.some((each) => each.severity === 'blocker')
      mustEqual(made.status === 'blocked', hasBlocker, 'blocked')
      if (made.status === 'noChange')
        mustEqual(made.steps.length + made.resourceChanges.length, 0, 'no change')
      if (made.status === 'applicable') must(made.steps.length > 0, 'an applicable plan has steps')
      if (made.status === 'applicable')
        must(!['unsupported'].includes(made.transition.support), 'an unsupported change is not applicable')
    })
    t.pass()
  },
)

t.test('a change that the matrix does not support has no steps and changes nothing', async (t) => {
  always((made) => {
    if (made.transition.support !== 'unsupported') return
    mustEqual([made.steps, made.resourceChanges, made.handoff], [[], [], null], 'unsupported')
    mustEqual([made.authorizedRanges.add, made.rollback.supported], [[], false], 'promises')
    must(!made.egressIps.some((each) => each.change === 'lost' || each.change === 'added'), 'ledger')
  })
  t.pass()
})

t.test('no step takes an authorized range away, and every range that is added is needed', async (t) => {
  always((made, { after, snapshot }) => {
    const touching = changesOf(made).filter(({ change }) => change.path.startsWith(RANGES_PATH))
    must(
      touching.every(({ change }) => change.op.startsWith('union')),
      'ranges are only united',
    )
    const added = touching.flatMap(({ change }) => (change.op === 'unionCidrs' ? change.cidrs : []))
    if (made.steps.length > 0) mustEqual(added, made.authorizedRanges.add, 'added by the steps')
    mustEqual(uncovered(snapshot.cluster.authorizedIPRanges, added), added, 'already covered')
    const egress = after.known.flatMap((each) => each.address ?? [])
    must(
      added.every((cidr) =>
        egress.some((each) => cidr === each || cidr === `${each}/${each.includes(':') ? 128 : 32}`),
      ),
      'no egress address',
    )
    if (made.steps.length > 0 && added.length + made.authorizedRanges.addPrepared.length === 0)
      must(!made.steps.some((step) => step.key === 'widen-authorized-ranges'), 'widening without need')
  })
  t.pass()
})

/** A load balancer for pods beside a NAT gateway: AKS requires its profile, which has no outbound addresses. */
function isOnlyForPods({ outboundType, loadBalancerSku, loadBalancerProfile }: ClusterFacts): boolean {
  const { backendPoolType, outboundIpIds, outboundIpPrefixIds, effectiveOutboundIpIds, ...rest } =
    loadBalancerProfile ?? aLoadBalancerProfile({ managedOutboundIpCount: null, effectiveOutboundIpIds: [] })
  const ids = [...outboundIpIds, ...outboundIpPrefixIds, ...effectiveOutboundIpIds]
  return (
    /NATGateway/.test(outboundType ?? '') &&
    (/^service$/i.test(loadBalancerSku) || /^podip$/i.test(backendPoolType ?? '')) &&
    ids.length === 0 &&
    [rest.managedOutboundIpCount, rest.managedOutboundIpv6Count].every((count) => !count)
  )
}

t.test('no step writes or keeps the profile of another type', async (t) => {
  always((made, { snapshot }) => {
    const own = { loadBalancer: LOAD_BALANCER_PATH, managedNATGateway: NAT_GATEWAY_PATH }
    const type = made.to.outboundType as keyof typeof own
    const foreign = [LOAD_BALANCER_PATH, NAT_GATEWAY_PATH].filter((path) => path !== own[type])
    for (const { change } of changesOf(made))
      must(
        change.op !== 'set' || !foreign.some((path) => change.path.startsWith(path)),
        `sets ${change.path} for ${type}`,
      )
    if (made.steps.length === 0 || made.transition.from === made.transition.to) return
    const removed = changesOf(made).flatMap(({ change }) => (change.op === 'remove' ? [change.path] : []))
    const kept = foreign.filter((path) => !removed.includes(path))
    const expected = type !== 'loadBalancer' && isOnlyForPods(snapshot.cluster) ? [LOAD_BALANCER_PATH] : []
    mustEqual(kept, expected, 'a foreign profile stays')
  })
  t.pass()
})

t.test('the steps are in the only safe order, and each step depends on the previous step', async (t) => {
  const order = [
    'check-freshness',
    'widen-authorized-ranges',
    'await-range-propagation',
    'change-outbound-type',
    'verify',
    'discover-egress-ips',
    'authorize-discovered-ips',
  ]
  always((made, context) => {
    const keys = made.steps.map((step) => step.key)
    const fixed = keys.filter((key) => !/^(prepare|upgrade-node-image)-/.test(key))
    mustEqual(
      fixed,
      order.filter((key) => fixed.some((each) => each === key)),
      'order',
    )
    const at = (key: string) => ((keys as string[]).includes(key) ? (keys as string[]).indexOf(key) : null)
    const changed = at('change-outbound-type') ?? keys.length
    const widened = at('await-range-propagation')
    for (const write of context.preparation.writes) {
      const place = at(`prepare-${write.key}`)
      must(
        made.steps.length === 0 || (place !== null && place > 0 && place < changed),
        `${write.key} comes first`,
      )
      if (place === null || widened === null) continue
      must(
        (write.isAttachment === true) === place > widened,
        'made before the ranges are widened, attached after',
      )
    }
    mustEqual(
      made.steps.map((step) => step.requires),
      keys.map((_, at) => (at === 0 ? [] : [keys[at - 1]])),
      'requires',
    )
  })
  t.pass()
})

t.test('a plan survives JSON as it is, with sentences that are whole', async (t) => {
  always((made) => {
    must(isDeepStrictEqual(JSON.parse(JSON.stringify(made)), structuredClone(made)), 'round trip')
    for (const { code, message, remedy, source } of made.findings) {
      const text = `${message} ${remedy} ${source}`
      must(message !== '' && remedy !== '' && source !== '', `${code} says nothing`)
      must(!/undefined|NaN|\[object|\(\)/.test(text), `${code}: ${text}`)
    }
    must(
      !/undefined|NaN|\[object/.test(JSON.stringify([made.steps, made.resourceChanges, made.rollback])),
      'texts',
    )
  })
  t.pass()
})

t.test(
  'a cleanup never changes the outbound type, and is blocked for a cluster of another type',
  async (t) => {
    const arbitraryCleanUp = fc.record({
      detach: fc.boolean(),
      narrow: fc.constant<string[]>([]),
      delete: fc.constant<string[]>([]),
    })
    fc.assert(
      fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryCleanUp, (snapshot, asked, cleanUp) => {
        const { subscriptionId, resourceGroup, name } = snapshot.cluster
        const { outboundType } = asked.target
        const { prepare: _, upgradeNodeImages: __, ...rest } = asked
        const request: PlanningRequest = {
          ...rest,
          target: { outboundType },
          cluster: { subscriptionId, resourceGroup, name },
          cleanUp,
        }
        const made = buildPlan(snapshot, request, ANY_POLICY, STAMP)
        must(!made.steps.some(({ key }) => key === 'change-outbound-type'), 'changes the type')
        const isOther = made.findings.some(({ code }) => code === 'CLEAN_UP_OTHER_TYPE')
        mustEqual(isOther, made.transition.from !== outboundType, 'another type')
        if (isOther) mustEqual([made.status, made.steps], ['blocked', []], 'of another type')
      }),
      { numRuns: propertyRuns() },
    )
    t.pass()
  },
)

t.test('the report of a cluster agrees with a plan for every target', async (t) => {
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryPolicy, (snapshot, policy) => {
      const report = buildEgressReport(snapshot, policy, 'simulated')
      mustEqual(JSON.parse(JSON.stringify(report)), report, 'round trip')
      for (const { target, verdict, blockers } of report.targets) {
        must(
          (verdict === 'blocked') === blockers.length > 0,
          `${target} is ${verdict} with ${blockers.length}`,
        )
      }
    }),
    { numRuns: propertyRuns(0.2) },
  )
  t.pass()
})

t.test(
  'the rules for a preview find every blocker and acknowledgement, and leave topics of advice out',
  async (t) => {
    let advice = 0
    always((_plan, context) => {
      const decisive = ['blocker', 'acknowledge']
      const [all, some] = [evaluateRules(context), evaluateDecisiveRules(context)].map((findings) =>
        findings.filter(({ severity }) => decisive.includes(severity)),
      )
      mustEqual(some, all, 'the decisive findings')
      advice += evaluateRules(context).length - evaluateDecisiveRules(context).length
    })
    t.ok(advice > 0)
  },
)
