import { type JsonObject, listAt, textAt } from '../lib/json.ts'
import { guidOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import { gatewayError } from './arm-error.ts'
import { appliesTo, scopeOf } from './arm-path.ts'

/** A write, and the resources that its body refers to. */
export interface LinkedWrite {
  /** Such as `Microsoft.Network/virtualNetworks/subnets`. */
  type: string
  id: string
  links: string[]
}

/**
 * Resource Manager checks `join/action` on every resource that a body refers to, even if the stored body already refers
 * to it. The message is from public reports (microsoft/tyger pull request 320). The caller may do everything unless a
 * test has set permissions.
 * @throws ArmError 403 LinkedAuthorizationFailed for the first resource that may not be joined
 */
export function assertLinkedAccess(world: World, { type, id, links }: LinkedWrite): void {
  const given = world.list('microsoft.authorization/permissions')
  if (given.length === 0) return
  for (const link of links) {
    const action = `${typeOfId(link)}/join/action`
    if (given.some((body) => appliesTo(scopeOf(textAt(body, 'id') ?? ''), link) && permits(body, action)))
      continue
    const client = guidOf(1)
    throw gatewayError(
      403,
      'LinkedAuthorizationFailed',
      `The client '${client}' with object id '${client}' has permission to perform action '${type}/write' on scope '${id}'; however, it does not have permission to perform action '${action}' on the linked scope(s) '${link}' or the linked scope(s) are invalid.`,
    )
  }
}

function typeOfId(id: string): string {
  const [namespace, ...rest] = (id.split('/providers/')[1] ?? '').split('/')
  return [namespace, ...rest.filter((_, index) => index % 2 === 0)].join('/')
}

function permits(body: JsonObject, action: string): boolean {
  const covers = (member: string) => listAt(body, member).some((pattern) => matches(String(pattern), action))
  return covers('actions') && !covers('notActions')
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action)
}
