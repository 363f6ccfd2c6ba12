import { once } from '../once.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { cleanedResources } from './cleaned-resources.ts'
import { clusterChange } from './cluster-change.ts'
import { isolationChanges } from './isolation-changes.ts'
import { enterLoadBalancer, leaveLoadBalancer, resizeLoadBalancer } from './load-balancer-changes.ts'
import {
  enterNatGateway,
  leaveNatGateway,
  replaceNatGateway,
  resizeNatGateway,
} from './nat-gateway-changes.ts'
import { preparedResources } from './prepared-resources.ts'
import { userResources } from './user-resources.ts'

/**
 * Every resource that the change creates, alters, removes or leaves. No page lists them per pair, so each
 * row is put together from the building blocks of rulebook 4 and says how sure it is. A clean-up is no change of the
 * egress: its rows are what its steps write.
 */
export const resourceChanges = once((context: PlanningContext): ResourceChange[] => {
  if (context.isNoChange) return []
  if (context.request.cleanUp !== undefined) return cleanedResources(context)
  return [
    ...preparedResources(context),
    clusterChange(context),
    ...leaving(context),
    ...entering(context),
    ...isolationChanges(context),
    ...userResources(context),
  ]
})

function leaving(context: PlanningContext): ResourceChange[] {
  if (context.from === context.to) return []
  if (context.from === 'loadBalancer') return leaveLoadBalancer(context)
  const isNat = context.from === 'managedNATGateway' || context.from === 'managedNATGatewayV2'
  if (!isNat) return []
  return context.target.outboundType === 'managedNATGateway'
    ? replaceNatGateway(context)
    : leaveNatGateway(context)
}

function entering(context: PlanningContext): ResourceChange[] {
  const isResize = context.from === context.to
  if (context.target.outboundType === 'loadBalancer')
    return (isResize ? resizeLoadBalancer : enterLoadBalancer)(context, context.target.loadBalancer)
  if (context.target.outboundType === 'managedNATGateway')
    return (isResize ? resizeNatGateway : enterNatGateway)(context, context.target.natGateway)
  return []
}
