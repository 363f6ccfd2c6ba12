import fc from 'fast-check'
import t from 'tap'
import { applyFieldChanges } from '../../src/azure/apply-field-changes.ts'
import { valueAt } from '../../src/core/cluster-values.ts'
import { LOAD_BALANCER_PATH, NAT_GATEWAY_PATH, OUTBOUND_TYPE_PATH } from '../../src/core/field-changes.ts'
import { knownAddresses, resolvedChanges } from '../../src/core/job/known-addresses.ts'
import type { Json, JsonObject } from '../../src/core/json.ts'
import type { StepAction } from '../../src/core/plan-steps.ts'
import { plan } from '../../src/core/planner.ts'
import type { ClusterFacts } from '../../src/core/snapshot.ts'
import { STAMP } from '../support/a-plan.ts'
import { arbitraryPolicy, arbitraryRequest, arbitrarySnapshot } from '../support/arbitrary-snapshot.ts'

/** A body that shows just these facts, in ARM's shape. */
function bodyOf(cluster: ClusterFacts): JsonObject {
  return {
    properties: {
      networkProfile: {
        outboundType: valueAt(cluster, OUTBOUND_TYPE_PATH),
        loadBalancerProfile: valueAt(cluster, LOAD_BALANCER_PATH),
        natGatewayProfile: valueAt(cluster, NAT_GATEWAY_PATH),
      },
      apiServerAccessProfile: { authorizedIPRanges: cluster.authorizedIPRanges },
    },
  }
}

/** Null and absent say the same in ARM, and so do a missing object and an empty one. */
function canonical(value: Json | undefined): Json {
  if (typeof value !== 'object' || value === null) return value ?? null
  if (Array.isArray(value)) return value.map(canonical)
  const members = Object.entries(value)
    .map(([name, each]) => [name, canonical(each)] as const)
    .filter(([, each]) => each !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return members.length === 0 ? null : Object.fromEntries(members)
}

/** Addresses that a job would have made, so that references to them can be resolved. */
function made(steps: { does: StepAction }[]) {
  const prepared = steps.flatMap(({ does }, index) =>
    does.kind === 'putResource' && /publicIP/i.test(does.id)
      ? [{ resourceId: does.id, address: `192.0.2.${index}` }]
      : [],
  )
  return knownAddresses({ observed: { prepared } })
}

function applied(body: JsonObject, action: StepAction, known: ReturnType<typeof made>): JsonObject {
  if (action.kind !== 'updateCluster' && action.kind !== 'putResource') throw new Error('not a write')
  const changes = resolvedChanges(action.changes, known)
  if (changes === null) throw new Error('an address is not known')
  return applyFieldChanges(body, changes, [])
}

t.test('what undoes a step brings the former body back, whatever the cluster and the target', async (t) => {
  let undone = 0
  fc.assert(
    fc.property(arbitrarySnapshot, arbitraryRequest, arbitraryPolicy, (snapshot, asked, policy) => {
      const { subscriptionId, resourceGroup, name } = snapshot.cluster
      const { steps } = plan(
        snapshot,
        { ...asked, cluster: { subscriptionId, resourceGroup, name } },
        policy,
        STAMP,
      )
      const known = made(steps)
      for (const step of steps.filter((each) => each.undoes.length > 0)) {
        if (step.does.kind === 'putResource' && step.does.body !== null) {
          const ids = step.undoes.map((each) => (each.kind === 'deleteResource' ? each.id : each.kind))
          if (ids.join() !== step.does.id) throw new Error(`${step.key} is not undone by its deletion`)
          continue
        }
        const before =
          step.does.kind === 'putResource'
            ? applyFieldChanges({}, step.does.former, [])
            : bodyOf(snapshot.cluster)
        const after = applied(before, step.does, known)
        const back = step.undoes.reduce((body, action) => applied(body, action, known), after)
        if (JSON.stringify(canonical(back)) !== JSON.stringify(canonical(before)))
          throw new Error(`${step.key}: ${JSON.stringify({ before, back })}`)
        if (JSON.stringify(canonical(after)) !== JSON.stringify(canonical(before))) undone++
      }
    }),
    { numRuns: 1500 },
  )
  t.ok(undone > 100, `${undone} steps did something and were undone`)
})
