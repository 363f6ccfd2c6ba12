import type { Disruption } from '../../contract/plan.ts'
import { idKey } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { frontendsAfter, releasedFrontends } from '../context/service-frontends.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** What users of the cluster notice; nothing where no change is made (IDLE_TIMEOUT_SHRINKS, NODE_REIMAGE_REQUIRED). */
export function assessDisruption(context: PlanningContext): Disruption {
  const { isChange, from, to } = context
  if (!isChange) {
    const idle = idleBefore(context)
    return {
      existingConnections: 'unchanged',
      idleTimeoutInMinutes: { before: idle, after: idle },
      ingress: 'Not affected.',
      nodeImageUpgrade: 'Not required.',
    }
  }
  return {
    existingConnections: 'dropped',
    idleTimeoutInMinutes: { before: idleBefore(context), after: idleAfter(context) },
    ingress:
      to === 'userDefinedRouting'
        ? 'Replies from public Services follow the default route. See the finding INGRESS_ASYMMETRIC_ROUTING, if the plan has it.'
        : frontendsAfter(releasedFrontends(context)),
    nodeImageUpgrade:
      from === to ? 'Not required.' : 'Required on every node pool after the change. AKS does not start it.',
  }
}

function idleBefore({ snapshot, effective }: PlanningContext): number | null {
  const { loadBalancerProfile, natGatewayProfile } = snapshot.cluster
  if (effective.before === 'loadBalancer') return loadBalancerProfile?.idleTimeoutInMinutes ?? 30
  if (effective.before !== 'natGateway') return null
  return gatewayIdle(snapshot) ?? natGatewayProfile?.idleTimeoutInMinutes ?? null
}

function idleAfter({ prepared: snapshot, target, effective }: PlanningContext): number | null {
  if (effective.after === 'loadBalancer' && target.outboundType === 'loadBalancer')
    return target.loadBalancer.idleTimeoutInMinutes
  if (effective.after !== 'natGateway') return null
  return target.outboundType === 'managedNATGateway'
    ? target.natGateway.idleTimeoutInMinutes
    : gatewayIdle(snapshot)
}

/** The shortest time-out of the gateways on the subnets; null when none is visible. */
function gatewayIdle(snapshot: Snapshot): number | null {
  const minutes = snapshot.subnets.flatMap((subnet) => {
    const gateway = snapshot.natGateways[idKey(subnet.natGatewayId ?? '')]
    return gateway === undefined ? [] : [gateway.idleTimeoutInMinutes]
  })
  return minutes.length === 0 ? null : Math.min(...minutes)
}
