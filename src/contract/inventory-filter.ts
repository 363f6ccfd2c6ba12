import { type Static, Type } from 'typebox'
import { ResourceGroupSchema, SubscriptionIdSchema } from './cluster.ts'
import { EFFECTIVE_PATHS } from './egress.ts'
import { closed, enumOf } from './fields.ts'
import { INVENTORY_FLAGS } from './inventory.ts'
import { TYPE_KEYS, VNET_KINDS } from './outbound-type.ts'

const text = (description: string, maxLength = 200) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description }),
  )

/** The filters of the inventory: query parameters of the list, and members of a campaign. A cluster must match all of them. */
export const INVENTORY_FILTERS = {
  subscriptionId: Type.Optional(SubscriptionIdSchema),
  resourceGroup: Type.Optional(ResourceGroupSchema),
  name: text(
    'Only clusters with this name. `*` matches any number of characters, such as `aks-prod-*`. Letter case is ignored.',
    63,
  ),
  location: text('Only clusters in this region, such as `eastus` or `East US`.'),
  tag: text(
    'Only clusters with this tag: a name, or a name and a value such as `team=payments`. The letter case of the name is ignored.',
    800,
  ),
  outboundType: Type.Optional(
    enumOf(TYPE_KEYS, { description: 'Only clusters that declare this outbound type.' }),
  ),
  path: Type.Optional(enumOf(EFFECTIVE_PATHS, { description: 'Only clusters that use this egress path.' })),
  vnet: Type.Optional(
    enumOf(VNET_KINDS, {
      description:
        '`managed`: only clusters in a VNet that AKS manages. `byo`: only clusters in another VNet.',
    }),
  ),
  flag: Type.Optional(enumOf(INVENTORY_FLAGS, { description: 'Only clusters with this flag.' })),
  address: text(
    'Only clusters whose egress uses this IP address, an address in this CIDR, or a public IP prefix that contains it.',
    50,
  ),
}

export const InventoryFilterSchema = Type.Object(INVENTORY_FILTERS, {
  ...closed,
  minProperties: 1,
  $id: 'InventoryFilter',
  description:
    'Clusters of the inventory by the filters of `GET /v1/clusters`. A cluster must match all filters.',
})
/** Filters that are undefined are absent. */
export type InventoryFilter = {
  [name in keyof typeof INVENTORY_FILTERS]?: Static<typeof InventoryFilterSchema>[name] | undefined
}
