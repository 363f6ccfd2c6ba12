import type { ResourceChange } from '../plan.ts'
import { TYPES } from '../resource-changes/change.ts'
import type { ClusterFacts } from '../snapshot.ts'
import type { FieldReader } from './policy-rule.ts'
import { UNKNOWN } from './policy-values.ts'

/**
 * A public IP that AKS will make, as far as it can be told: it lies in the cluster's region, is static, and
 * carries the cluster's tags (use-tags; that AKS or a policy adds none is not known).
 */
export function publicIpFields(change: ResourceChange, cluster: ClusterFacts): FieldReader {
  const planned = (path: string) => change.properties.find((each) => each.path === path)?.after
  const alias = TYPES.publicIp.toLowerCase()
  const fields = new Map<string, ReturnType<FieldReader>>([
    ['type', TYPES.publicIp],
    ['location', cluster.location.toLowerCase().replaceAll(' ', '')],
    ['kind', null],
    ['identity.type', null],
    [`${alias}/sku.name`, planned('/sku/name')],
    [`${alias}/publicipaddressversion`, planned('/properties/publicIPAddressVersion')],
    [`${alias}/publicipallocationmethod`, 'Static'],
  ])
  return (name) => {
    const key = name.toLowerCase()
    const tag = tagOf(name)
    return tag === null ? fields.get(key) : tagValue(cluster, tag)
  }
}

/** `tags.name`, `tags['name']`, `tags[name]`. */
function tagOf(field: string): string | null {
  const match = /^tags(?:\.(.+)|\['(.+)'\]|\[(.+)\])$/i.exec(field)
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null)
}

function tagValue(cluster: ClusterFacts, tag: string): string | typeof UNKNOWN {
  const key = Object.keys(cluster.tags).find((each) => each.toLowerCase() === tag.toLowerCase())
  return key === undefined ? UNKNOWN : cluster.tags[key]
}
