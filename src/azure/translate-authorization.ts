import type {
  LockFacts,
  PermissionFacts,
  RoleAssignmentFacts,
  RoleDefinitionFacts,
} from '../core/rights-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** A lock's scope is its id without the lock itself. */
export function translateLock(body: BodyReader): LockFacts {
  const id = body.requiredText('id')
  return {
    id,
    name: body.text('name') ?? id.split('/').at(-1) ?? id,
    scope: id.replace(/\/providers\/Microsoft\.Authorization\/locks\/[^/]+$/i, ''),
    level: body.at('properties').requiredText('level'),
  }
}

/** ARM also shows data actions, which no change of egress needs. */
export function translatePermission(body: BodyReader): PermissionFacts {
  return { actions: body.texts('actions'), notActions: body.texts('notActions') }
}

export function translateRoleAssignment(body: BodyReader): RoleAssignmentFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    scope: properties.requiredText('scope'),
    roleDefinitionId: properties.requiredText('roleDefinitionId'),
    createdOn: properties.text('createdOn'),
    condition: properties.text('condition'),
  }
}

export function translateRoleDefinition(body: BodyReader): RoleDefinitionFacts {
  const properties = body.at('properties')
  const id = body.requiredText('id')
  return {
    id,
    roleName: properties.text('roleName') ?? id.split('/').at(-1) ?? id,
    permissions: properties.list('permissions').map(translatePermission),
  }
}
