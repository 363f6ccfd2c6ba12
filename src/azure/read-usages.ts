import type { UsageFacts } from '../core/rights-facts.ts'
import { type ArmCall, answersOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import type { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { drain, itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'

/** `Microsoft.Network/locations/{location}/usages`; a region is asked for by its short name (`East US` as `eastus`). */
export async function listUsages(
  clients: ArmClients,
  call: ArmCall,
  subscriptionId: string,
  location: string,
): Promise<UsageFacts[]> {
  const region = location.toLowerCase().replaceAll(' ', '')
  checkSegments(subscriptionId, region)
  const client = await clients.network(subscriptionId)
  const pages = await answersOf(call, () => drain(client.usages.list(region).byPage()))
  return itemsOn(pages).map(translateUsage)
}

function translateUsage(usage: BodyReader): UsageFacts {
  return {
    name: usage.at('name').requiredText('value'),
    current: required(usage, 'currentValue'),
    limit: required(usage, 'limit'),
  }
}

function required(usage: BodyReader, field: string): number {
  const value = usage.number(field)
  if (value === null) throw faultOfBody(`a usage has no ${field}`)
  return value
}
