import { type Static, Type } from 'typebox'
import { closed, string } from './fields.ts'

export const AZURE_MODES = ['simulated', 'azure'] as const
export type AzureMode = (typeof AZURE_MODES)[number]

/** ARM's naming rules. They keep any other text out of ARM URLs. */
export const SUBSCRIPTION_ID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'

/**
 * Letters and digits of other alphabets are a range, because Swagger UI and other clients test patterns without the
 * unicode flag, where `\p{L}` rejects every name. ARM decides.
 */
export const RESOURCE_GROUP = '^[-a-zA-Z0-9_().\\u00aa-\\uffdc]{0,89}[-a-zA-Z0-9_()\\u00aa-\\uffdc]$'

export const CLUSTER_NAME = '^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$'

export const SubscriptionIdSchema = Type.String({
  pattern: SUBSCRIPTION_ID,
  description: 'The ID of the subscription, a GUID.',
  examples: ['11111111-1111-1111-1111-111111111111'],
})

export const ResourceGroupSchema = Type.String({
  pattern: RESOURCE_GROUP,
  description:
    'The name of the resource group: 1 to 90 letters, digits, _ . ( ) or -, not ending with a dot.',
  examples: ['rg-demo'],
})

export const ClusterNameSchema = Type.String({
  pattern: CLUSTER_NAME,
  description:
    'The name of the cluster: 1 to 63 letters, digits, _ or -, starting and ending with a letter or digit.',
  examples: ['lb-byo-nat-attached'],
})

/** The identifiers of a cluster, as the caller spells them. */
export const ClusterRefSchema = Type.Object(
  { subscriptionId: string(), resourceGroup: string(), name: string() },
  { $id: 'ClusterRef' },
)
export type ClusterRef = Static<typeof ClusterRefSchema>

export const ClusterByNameSchema = Type.Object(
  { subscriptionId: SubscriptionIdSchema, resourceGroup: ResourceGroupSchema, name: ClusterNameSchema },
  { ...closed, title: 'by name' },
)

export const ClusterByIdSchema = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'The ARM ID of the managed cluster.',
    }),
  },
  { ...closed, title: 'by id' },
)
