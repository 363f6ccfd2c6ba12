import type { NodeProbe } from '../../contract/probe.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm, isInProgress } from '../arm/words.ts'
import type { InstanceFacts } from '../snapshot/agent-pools.ts'
import type { AgentPoolFacts } from '../snapshot/snapshot.ts'

/** The pools of a cluster in their subnets, each with the instance that represents it or the reason why none does. */
export type ChosenInstance = Pick<NodeProbe, 'pool' | 'subnetId' | 'instanceId' | 'reason'>

/**
 * One running Linux instance for each pool and subnet, if possible a ready instance. `instances` is null where the node resource group cannot be read;
 * `unread` then says why. An instance in `avoid` is only chosen if its pool has no other. Pools are in the order of the cluster, so that the same pools are chosen before and after a
 * change.
 */
export function chooseInstances(
  pools: AgentPoolFacts[],
  instances: InstanceFacts[] | null,
  unread: string | null,
  maxNodes: number,
  avoid: string[] = [],
): ChosenInstance[] {
  const chosen = pools.flatMap((pool) => choicesFor(pool, instances, unread, avoid.map(idKey)))
  const ready = chosen.filter(({ instanceId }) => instanceId !== null)
  return chosen.map((choice) =>
    choice.instanceId === null || ready.indexOf(choice) < maxNodes
      ? choice
      : {
          ...choice,
          instanceId: null,
          reason: `At most ${maxNodes} node${maxNodes === 1 ? ' is' : 's are'} probed (\`maxNodes\`).`,
        },
  )
}

/** The pools whose pods use another subnet than their nodes, as sentences. The script runs on nodes. */
export function podSubnetNotes(pools: AgentPoolFacts[]): string[] {
  return pools.flatMap(({ name, vnetSubnetId, podSubnetId }) =>
    podSubnetId === null || idKey(podSubnetId) === idKey(vnetSubnetId ?? '')
      ? []
      : [
          `Pods of pool \`${name}\` use the subnet \`${lastSegment(podSubnetId)}\`. Only the egress of the nodes is measured, not the egress of these pods.`,
        ],
  )
}

function choicesFor(
  pool: AgentPoolFacts,
  instances: InstanceFacts[] | null,
  unread: string | null,
  avoid: string[],
): ChosenInstance[] {
  const skip = (reason: string) => [
    { pool: pool.name, subnetId: pool.vnetSubnetId, instanceId: null, reason },
  ]
  if (!equalsArm(pool.osType, 'Linux')) return skip('The script runs on Linux only.')
  if (pool.powerState !== null && !equalsArm(pool.powerState, 'Running')) return skip('The pool is stopped.')
  if (instances === null) return skip(`The instances cannot be read. ${unread ?? ''}`.trim())
  const own = instances.filter((instance) => equalsArm(instance.pool, pool.name))
  if (own.length === 0) return skip('Azure shows no instance of the pool.')
  const bySubnet = Map.groupBy(own, ({ subnetId }) => idKey(subnetId ?? ''))
  return [...bySubnet.values()].map((members) => {
    const [first] = members
    const subnetId = first?.subnetId ?? pool.vnetSubnetId
    const usable = members.filter(isUsable)
    const isAvoided = ({ id }: InstanceFacts) => Number(avoid.includes(idKey(id)))
    const ready = usable.toSorted((a, b) => isAvoided(a) - isAvoided(b) || waitRank(a) - waitRank(b))[0]
    const reason = ready === undefined ? 'No instance of the pool is running.' : null
    return { pool: pool.name, subnetId, instanceId: ready?.id ?? null, reason }
  })
}

/** Instances that may still accept a run-command. An unknown power state does not exclude an instance. */
function isUsable({ osType, provisioningState, powerState }: InstanceFacts): boolean {
  return (
    !equalsArm(osType, 'Windows') &&
    !['Creating', 'Deleting', 'Canceled'].some((state) => equalsArm(provisioningState, state)) &&
    (powerState === null || equalsArm(powerState, 'PowerState/running'))
  )
}

/**
 * An instance with an operation in progress, such as another run-command, accepts one afterwards. A change that blocks
 * egress can also make the provisioning of instances fail: such a pool must be measured too.
 */
function waitRank({ provisioningState }: InstanceFacts): number {
  if (equalsArm(provisioningState, 'Succeeded')) return 0
  return isInProgress(provisioningState) ? 1 : 2
}
