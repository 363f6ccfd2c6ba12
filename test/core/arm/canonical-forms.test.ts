import t from 'tap'
import { TYPE_KEYS } from '../../../src/contract/outbound-type.ts'
import { readOutboundType, typeKeyOf, typeOfKey } from '../../../src/core/arm/outbound-type.ts'
import {
  clusterId,
  idKey,
  isInResourceGroup,
  lastSegment,
  parentResourceName,
  parseResourceId,
} from '../../../src/core/arm/resource-id.ts'
import { isCidr, isNetworkAddress, toCidr, uncovered } from '../../../src/core/lib/cidr.ts'

const VNET = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v'

t.test('parses an ARM ID in any letter case and rejects other texts', async (t) => {
  t.strictSame(parseResourceId(`${VNET.replace('resourceGroups', 'RESOURCEGROUPS')}/subnets/a`), {
    subscriptionId: 's',
    resourceGroup: 'rg',
    type: 'Microsoft.Network/virtualNetworks/subnets',
    name: 'a',
  })
  const none = [
    '',
    'name',
    '/subscriptions/s',
    '/subscriptions/s/resourceGroups/rg',
    `${VNET}/`,
    `${VNET}/subnets`,
  ]
  for (const text of [...none, `${VNET}//a`, ` ${VNET}`, VNET.replace('/providers', '')])
    t.equal(parseResourceId(text), null, text)
})

t.test('ids are compared without case, and a group is not its namesake with a tail', async (t) => {
  t.equal(idKey(VNET.toUpperCase()), idKey(VNET))
  t.ok(isInResourceGroup(VNET.toUpperCase(), 's', 'RG'))
  t.notOk(isInResourceGroup(VNET, 's', 'r'))
  t.notOk(isInResourceGroup(VNET.replace('/rg/', '/rg-two/'), 's', 'rg'))
  t.equal(lastSegment(VNET), 'v')
  t.equal(parentResourceName(`${VNET}/subnets/a`), 'v')
  t.equal(parentResourceName('plain'), 'plain')
  t.match(
    clusterId({ subscriptionId: 's', resourceGroup: 'rg', name: 'c' }),
    /^\/subscriptions\/s\/.*managedClusters\/c$/,
  )
})

t.test('converts addresses to CIDRs and distinguishes CIDRs from service tags', async (t) => {
  t.strictSame(['20.1.2.3', '20.1.2.0/24', '2001:db8::1'].map(toCidr), [
    '20.1.2.3/32',
    '20.1.2.0/24',
    '2001:db8::1/128',
  ])
  for (const text of ['20.1.2.3', '20.1.2.0/24', '0.0.0.0/0', '2001:db8::/32', '::1'])
    t.ok(isCidr(text), text)
  for (const text of ['AzureCloud', '', '20.1.2', '20.1.2.3/33', '300.1.2.3', '20.1.2.3/', 'x/24'])
    t.notOk(isCidr(text), text)
})

t.test('a block starts at its network address', async (t) => {
  for (const text of [
    '20.1.2.0/24',
    '20.1.2.3',
    '20.1.2.3/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '2001:DB8:0::/32',
    '::1',
  ])
    t.ok(isNetworkAddress(text), text)
  for (const text of ['20.1.2.3/24', '20.1.2.1/31', '2001:db8::1/64']) t.notOk(isNetworkAddress(text), text)
})

t.test('an entry covers addresses inside it in both families, and a tag covers only itself', async (t) => {
  const table: [string[], string[], string[]][] = [
    [['20.0.0.0/8'], ['20.1.2.3/32', '21.0.0.1/32'], ['21.0.0.1/32']],
    [['20.1.2.3/32'], ['20.1.2.0/24'], ['20.1.2.0/24']],
    [['2001:db8::/32'], ['2001:db8::1/128', '20.1.2.3/32'], ['20.1.2.3/32']],
    [['AzureCloud'], ['20.1.2.3/32', 'AzureCloud', 'Sql'], ['20.1.2.3/32', 'Sql']],
    [[], [], []],
  ]
  for (const [list, wanted, missing] of table)
    t.strictSame(uncovered(list, wanted), missing, `${list} and ${wanted}`)
})

t.test('type keys and canonical types are two spellings of the same', async (t) => {
  for (const key of TYPE_KEYS) {
    const { outboundType, sku } = typeOfKey(key)
    t.equal(typeKeyOf(outboundType, sku), key)
  }
  t.equal(typeKeyOf('managedNATGateway', null), 'managedNATGateway', 'an unnamed SKU means Standard')
})

t.test('reads words of ARM case-insensitively and keeps unknown words', async (t) => {
  const keyOf = (raw: string | null, sku: string | null = null) => {
    const type = readOutboundType(raw, sku)
    return type.kind === 'known' ? type.key : `unknown ${type.raw}`
  }
  t.equal(keyOf(null), 'loadBalancer')
  t.equal(keyOf('LoadBalancer'), 'loadBalancer')
  t.equal(keyOf('managedNatGateway', 'standardv2'), 'managedNATGatewayV2')
  t.equal(keyOf('managedNATGatewayV2'), 'managedNATGatewayV2')
  t.equal(keyOf('managedNATGateway', 'Standard'), 'managedNATGateway')
  t.equal(keyOf('loadBalancer', 'StandardV2'), 'loadBalancer', 'a leftover SKU decides nothing')
  t.equal(keyOf('carrierPigeon'), 'unknown carrierPigeon')
  t.equal(keyOf(''), 'unknown ')
})
