import { networkProfileOf } from '../cluster/cluster-facts.ts'
import { aksError } from '../http/arm-error.ts'
import type { Refusal } from './refusal.ts'

const UNCHANGEABLE = ['networkPlugin', 'serviceCidr', 'dnsServiceIP', 'podCidr']

/** Properties fixed at creation; the words are recorded for networkPlugin (errors-from-public-issues.json). */
export const unchangeableProperty: Refusal = (change) => {
  const current = networkProfileOf(change.current)
  const changed = UNCHANGEABLE.find((member) => {
    const sent = change.sent[member]
    return sent !== undefined && sent !== null && current[member] !== undefined && sent !== current[member]
  })
  if (changed === undefined) return undefined
  const target = `networkProfile.${changed}`
  return aksError(400, 'PropertyChangeNotAllowed', `Changing property '${target}' is not allowed.`, target)
}
