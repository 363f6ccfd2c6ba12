import { type Static, Type } from 'typebox'
import { ACTOR_KINDS } from './audit.ts'
import { enumOf, nullable, ref, string, strings } from './fields.ts'
import { ClusterPatternSchema } from './webhook.ts'

/** The actions on a cluster that the access policy grants. */
export const ACTIONS = ['read', 'plan', 'execute', 'approve', 'audit'] as const
export type Action = (typeof ACTIONS)[number]

/** The caller of a request, and what the service lets the caller do. */
export const MeSchema = Type.Object(
  {
    id: string('The object ID in the Microsoft Entra tenant, or `anonymous`.'),
    kind: enumOf(ACTOR_KINDS),
    name: string('The display name, which can change.'),
    appId: nullable(Type.String(), {
      description:
        'The client ID of the application that makes the call, on its own behalf or on behalf of the user.',
    }),
    permissions: strings('The app roles and scopes of this service that count for the caller.'),
    hasAccessPolicy: Type.Boolean({
      description: 'Whether an access policy limits permissions to clusters.',
    }),
    groupsMissing: Type.Boolean({
      description:
        'Whether the token lacks groups that the access policy needs. Until this is fixed, requests about clusters return `TOKEN_GROUPS_OVERAGE`.',
    }),
    actions: Type.Array(
      Type.Object({
        action: enumOf(ACTIONS),
        permission: string('The app role or scope that the action requires.'),
        permitted: Type.Boolean({
          description: 'Whether the caller has permission to perform the action on any cluster.',
        }),
        allClusters: Type.Boolean({
          description: 'Whether the caller has permission to perform the action on every cluster.',
        }),
        clusters: Type.Array(ref(ClusterPatternSchema), {
          description:
            'The clusters on which the caller has permission to perform the action. Empty if `allClusters` is true, or if the action is denied.',
        }),
      }),
    ),
  },
  { $id: 'Me' },
)
export type Me = Static<typeof MeSchema>
