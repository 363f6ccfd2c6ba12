import { ref } from '../../contract/fields.ts'
import { ACTIONS, type Action, type Me, MeSchema } from '../../contract/me.ts'
import { type AccessPolicy, clusterScopeOf, usesGroups } from '../../core/access/access-policy.ts'
import { ACTION_BY_GRANT, type Caller, toPrincipals } from '../auth/caller.ts'
import { GRANTS } from '../operation.ts'
import { defineOperation } from './define-operation.ts'

export const EXAMPLE_ME: Me = {
  id: '33333333-3333-3333-3333-333333333333',
  kind: 'user',
  name: 'first.person@example.com',
  appId: '88888888-8888-8888-8888-888888888888',
  permissions: ['Egress.Read', 'Egress.Plan'],
  hasAccessPolicy: true,
  groupsMissing: false,
  actions: ACTIONS.map((action) => ({
    action,
    permission: permissionFor(action),
    permitted: ['read', 'plan'].includes(action),
    allClusters: false,
    clusters: ['read', 'plan'].includes(action)
      ? [
          {
            subscriptionId: '11111111-1111-1111-1111-111111111111',
            resourceGroup: 'rg-test-*',
            clusterName: '*',
          },
        ]
      : [],
  })),
}

export const getMe = defineOperation({
  operationId: 'getMe',
  method: 'GET',
  path: '/v1/me',
  tag: 'Service',
  summary: 'Show the caller and its permissions',
  description:
    'Returns who the caller is, which app roles and scopes count, and on which clusters the access policy permits each action. Every authenticated caller may call it, even without any role. `plan`, `execute` and `approve` in the access policy include `read`.',
  grant: 'signedIn',
  subject: 'nothing',
  responses: {
    200: { description: 'The caller.', schema: ref(MeSchema), example: { me: EXAMPLE_ME } },
  },
  problems: [],
  handle: (_deps, { request: { caller, policy }, reply }) => {
    reply.header('cache-control', 'no-store')
    return toMe(caller, policy)
  },
})

function toMe(caller: Caller, policy: AccessPolicy | null): Me {
  const groupsMissing = caller.groupsMissing && usesGroups(policy)
  return {
    id: caller.id,
    kind: caller.kind,
    name: caller.name,
    appId: caller.appId,
    permissions: GRANTS.filter((grant) => caller.grants.has(grant)),
    hasAccessPolicy: policy !== null,
    groupsMissing,
    actions: ACTIONS.map((action) => {
      const permission = permissionFor(action)
      const isDenied = groupsMissing || !caller.grants.has(permission)
      const scope = isDenied ? [] : clusterScopeOf(policy, toPrincipals(caller), action)
      return {
        action,
        permission,
        permitted: scope.length > 0,
        allClusters: scope === 'everything',
        clusters: scope === 'everything' ? [] : [...scope],
      }
    }),
  }
}

/** The permission for an action, the reverse of `ACTION_BY_GRANT`. */
function permissionFor(action: Action): string {
  return GRANTS.find((grant) => ACTION_BY_GRANT[grant] === action) ?? ''
}
