import { isIP } from 'node:net'
import { type Rule, rulesOf } from './rules.ts'

/**
 * Rules for inventory filters that a schema cannot express. `''` stands for the query; otherwise the JSON pointer of
 * the filter in the body.
 */
export function inventoryFilterRules(place: string): Rule[] {
  return [
    rulesOf('FORMAT_INVALID')(
      `${place}/tag`,
      'tag must be the name of a tag, or a name and a value such as team=payments.',
      (tag) => typeof tag === 'string' && !/^[^=]+(=.+)?$/.test(tag),
    ),
    rulesOf('FORMAT_INVALID')(
      `${place}/address`,
      'address must be an IP address or a CIDR, such as 20.1.2.3 or 20.1.2.0/28.',
      (address) => typeof address === 'string' && !isAddressOrCidr(address),
    ),
  ]
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128))
}
