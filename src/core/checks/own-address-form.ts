import { addressesIn } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import { isPrefix, type OwnAddress, ownAddresses } from '../own-addresses.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** What else own addresses must be to be taken: ready, from the right subscription, of one kind (rulebook 3.1, 3.3, 5). */
export const ownAddressForm: Check = (context) => {
  const present = ownAddresses(context)
  if (present.length === 0) return []
  const prefixes = present.filter(({ facts }) => isPrefix(facts))
  return [
    ...unready(present),
    ...(context.to === 'loadBalancer' ? balancerPrefixes(prefixes, context) : customPrefixes(prefixes)),
    ...oneSource(present, prefixes, context),
    ...whole(prefixes),
  ]
}

function unready(at: OwnAddress[]): Finding[] {
  const resources = at
    .filter(({ facts }) => facts.provisioningState !== 'Succeeded')
    .map(({ id, facts }) => ({ name: nameOf(id), provisioningState: facts.provisioningState }))
  return resources.length === 0 ? [] : [finding('LB_IP_PROVISIONING', { resources })]
}

function balancerPrefixes(prefixes: OwnAddress[], { snapshot: { cluster } }: PlanningContext): Finding[] {
  const home = idKey(`/subscriptions/${cluster.subscriptionId}/`)
  const resources = prefixes.filter(({ id }) => !idKey(id).startsWith(home)).map(({ id }) => nameOf(id))
  return resources.length === 0 ? [] : [finding('LB_PREFIX_WRONG_SUB', { resources })]
}

function customPrefixes(prefixes: OwnAddress[]): Finding[] {
  const resources = prefixes
    .filter(({ facts }) => isPrefix(facts) && facts.customIpPrefixId !== null)
    .map(({ id }) => nameOf(id))
  return resources.length === 0 ? [] : [finding('NATV2_CUSTOM_PREFIX', { resources })]
}

function oneSource(present: OwnAddress[], prefixes: OwnAddress[], { to }: PlanningContext): Finding[] {
  const isMixed = prefixes.length > 0 && prefixes.length < present.length
  return to === 'loadBalancer' && isMixed ? [finding('LB_ONE_IP_SOURCE', {})] : []
}

function whole(prefixes: OwnAddress[]): Finding[] {
  const taken = prefixes.flatMap(({ id, facts }) =>
    isPrefix(facts)
      ? [
          {
            name: nameOf(id),
            prefix: facts.prefix,
            addresses: addressesIn(facts.prefixLength, facts.version),
          },
        ]
      : [],
  )
  return taken.length === 0 ? [] : [finding('IP_PREFIX_WHOLE', { prefixes: taken })]
}
