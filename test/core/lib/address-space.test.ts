import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import t from 'tap'
import { includesPort, isPrivate, matchCidr } from '../../../src/core/lib/address-space.ts'
import { isCidr } from '../../../src/core/lib/cidr.ts'

t.test('entries of rules hold a range wholly, in part or not', async (t) => {
  const table: [string[], string, string][] = [
    [['*'], '10.0.0.0/24', 'yes'],
    [['10.0.0.0/8'], '10.0.0.0/24', 'yes'],
    [['10.0.0.7'], '10.0.0.0/24', 'maybe'],
    [['10.0.0.0-10.0.1.255'], '10.0.0.0/24', 'yes'],
    [['10.0.0.1-10.0.0.255'], '10.0.0.0/24', 'maybe'],
    [['10.0.1.0-10.0.1.9'], '10.0.0.0/24', 'no'],
    [['10.0.9.9-10.0.0.0'], '10.0.0.0/24', 'no'],
    [['fd00::/8'], '10.0.0.0/24', 'no'],
    [['VirtualNetwork'], '10.0.0.0/24', 'maybe'],
    [[''], '10.0.0.0/24', 'no'],
    [[], '10.0.0.0/24', 'no'],
  ]
  for (const [entries, cidr, wanted] of table)
    t.equal(matchCidr(entries, cidr), wanted, `${entries.join(' ')} and ${cidr}`)
})

t.test('a range holds exactly the addresses between its ends', async () => {
  const octet = fc.integer({ min: 0, max: 300 })
  const address = (number: number) => `10.0.${Math.floor(number / 256)}.${number % 256}`
  fc.assert(
    fc.property(octet, octet, octet, (from, to, at) => {
      const wanted = from <= at && at <= to ? 'yes' : 'no'
      return matchCidr([`${address(from)}-${address(to)}`], `${address(at)}/32`) === wanted
    }),
  )
})

t.test('ports are single, a range or all', async (t) => {
  t.ok(includesPort(['443'], 443))
  t.ok(includesPort(['80', '400-500'], 443))
  t.ok(includesPort(['*'], 443))
  t.notOk(includesPort(['80', '444-500', 'x', ''], 443))
})

t.test('distinguishes private ranges from public ranges', async (t) => {
  for (const entry of ['10.1.0.0/16', '172.16.0.1', '192.168.0.1-192.168.0.9', '100.64.0.0/12'])
    t.ok(isPrivate(entry), entry)
  for (const entry of ['20.0.0.0/8', '10.0.0.0/7', '9.0.0.0-11.0.0.0', 'AzureCloud', 'fd00::/8'])
    t.notOk(isPrivate(entry), entry)
})

t.test('accepts exactly the IPv4 addresses and CIDRs that the library accepts', async () => {
  const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('', '01', '00', 'a'))
  const length = fc.option(fc.oneof(fc.nat(40).map(String), fc.constantFrom('', '08')), { nil: null })
  fc.assert(
    fc.property(fc.tuple(part, part, part, part), length, (parts, bits) => {
      const address = parts.join('.')
      return bits === null
        ? isCidr(address) === ipaddr.IPv4.isValidFourPartDecimal(address)
        : isCidr(`${address}/${bits}`) === ipaddr.isValidCIDR(`${address}/${bits}`)
    }),
    { numRuns: 2_000 },
  )
})
