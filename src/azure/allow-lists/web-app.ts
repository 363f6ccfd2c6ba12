import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { effectOf, entryOf } from './entries.ts'

/**
 * Access restrictions of a web app and of its deployment site (scm), which may use those of the app. A rule's
 * `ipAddress` may be several CIDRs with commas, or an address beside a `subnetMask`.
 */
export function webAppEntries([config]: BodyReader[]): AllowListEntry[] {
  const properties = config?.at('properties')
  if (properties === undefined) return []
  const scmIsOwn = !properties.flag('scmIpSecurityRestrictionsUseMain')
  return [
    ...restrictions(properties, 'ipSecurityRestrictions', true),
    ...restrictions(properties, 'scmIpSecurityRestrictions', scmIsOwn),
  ]
}

function restrictions(properties: BodyReader, list: string, inForce: boolean): AllowListEntry[] {
  return properties.list(list).flatMap((rule, index) => {
    const where = {
      place: `/config/web/properties/${list}/${index}`,
      rule: rule.text('name'),
      effect: effectOf(rule.text('action')),
      inForce,
    }
    const mask = maskLength(rule.text('subnetMask'))
    const texts = rule.text('ipAddress')?.split(',') ?? []
    return texts.flatMap((text) => entryOf(mask === null ? text : `${text.trim()}/${mask}`, where))
  })
}

/** `255.255.255.0` as 24. */
function maskLength(mask: string | null): number | null {
  if (mask === null || mask === '') return null
  return mask
    .split('.')
    .reduce((length, part) => length + Number(part).toString(2).replaceAll('0', '').length, 0)
}
