import { Refusal, type RefusalCode } from '../core/refusal.ts'
import type { ClusterRef } from '../core/target.ts'
import { ArmFault, type ArmFaultKind } from './arm-fault.ts'

const CODES: Record<ArmFaultKind, RefusalCode> = {
  'not-found': 'CLUSTER_NOT_FOUND',
  denied: 'AZURE_ACCESS_DENIED',
  unauthenticated: 'AZURE_AUTHENTICATION_FAILED',
  throttled: 'AZURE_THROTTLED',
  transient: 'AZURE_UNREACHABLE',
  conflict: 'AZURE_UNEXPECTED',
  'precondition-failed': 'AZURE_UNEXPECTED',
  refused: 'AZURE_UNEXPECTED',
  unknown: 'AZURE_UNEXPECTED',
}

/**
 * Reading a cluster failed: as a refusal for the caller, with ARM's words. Anything but an `ArmFault` is a
 * fault of ours and comes back as it is.
 */
export function refusalOf(error: unknown, ref: ClusterRef): unknown {
  if (!(error instanceof ArmFault)) return error
  const code = error.code === 'SubscriptionNotFound' ? 'SUBSCRIPTION_NOT_FOUND' : CODES[error.kind]
  const { subscriptionId, resourceGroup, name } = ref
  // Said as of a cluster that the caller may not see, for which Azure is not asked: the two must not differ.
  if (error.kind === 'not-found') return new Refusal(code, { subscriptionId, resourceGroup, name }, [], error)
  return new Refusal(
    code,
    {
      subscriptionId,
      resourceGroup,
      name,
      armCode: error.code,
      armMessage: error.message,
      what: 'reading the managed cluster',
      ...(error.retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(error.retryAfterMs / 1_000) }),
    },
    [],
    error,
  )
}
