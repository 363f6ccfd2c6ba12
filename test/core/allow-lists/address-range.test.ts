import fc from 'fast-check'
import t from 'tap'
import { contains, isEverything, overlaps, rangeOf } from '../../../src/core/allow-lists/address-range.ts'

const octet = fc.integer({ min: 0, max: 255 })
const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
const cidr = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([ip, length]) => `${ip}/${length}`)
const numberOf = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
const range = (text: string) => rangeOf({ cidr: text })!

t.test('a CIDR contains an address exactly when their leading bits are the same', async (t) => {
  fc.assert(
    fc.property(cidr, address, (block, ip) => {
      const [start = '', length] = block.split('/')
      const rest = 32n - BigInt(length ?? 0)
      const same = numberOf(start) >> rest === numberOf(ip) >> rest
      return contains(range(block), range(ip)) === same && overlaps(range(block), range(ip)) === same
    }),
  )
  t.pass()
})

t.test('a range contains its first address, its last address, and all addresses between them', async (t) => {
  fc.assert(
    fc.property(address, address, address, (one, other, ip) => {
      const [first, last] = numberOf(one) <= numberOf(other) ? [one, other] : [other, one]
      const within = numberOf(first) <= numberOf(ip) && numberOf(ip) <= numberOf(last)
      return contains(rangeOf({ first, last })!, range(ip)) === within
    }),
  )
  t.pass()
})

t.test('containment implies overlap, in both directions for equal blocks', async (t) => {
  fc.assert(
    fc.property(cidr, cidr, (one, other) => {
      const [a, b] = [range(one), range(other)]
      if (contains(a, b) && !overlaps(b, a)) return false
      return overlaps(a, b) === overlaps(b, a) && contains(a, a)
    }),
  )
  t.pass()
})

t.test('families never overlap, and IPv6 is read in every spelling', async (t) => {
  t.notOk(overlaps(range('::/0'), range('0.0.0.0/0')))
  t.ok(contains(range('2001:db8::/32'), range('2001:0DB8:0:0::1')))
  t.notOk(contains(range('2001:db8::/32'), range('2001:db9::1')))
})

t.test('an invalid text is not a block', async (t) => {
  for (const text of ['', '*', 'Internet', 'AzureCloud', 'Any', '20.1.2', '20.1.2.3/33', '{{name}}'])
    t.equal(rangeOf({ cidr: text }), null, text)
  t.equal(rangeOf({ first: '20.1.2.9', last: '20.1.2.3' }), null, 'swapped')
  t.equal(rangeOf({ first: '20.1.2.3', last: '2001:db8::1' }), null, 'of two families')
  t.equal(rangeOf({ first: '20.1.2.0/24', last: '20.1.3.0' }), null, 'a CIDR as an end')
})

t.test('only the whole internet counts as everything', async (t) => {
  for (const text of ['0.0.0.0/0', '20.1.2.3/0', '::/0']) t.ok(isEverything(range(text)), text)
  t.ok(isEverything(rangeOf({ first: '0.0.0.0', last: '255.255.255.255' })!))
  for (const text of ['0.0.0.0/1', '0.0.0.0/32', '::/1']) t.notOk(isEverything(range(text)), text)
})
