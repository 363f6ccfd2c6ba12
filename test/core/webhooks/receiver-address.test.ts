import t from 'tap'
import { isAllowed, mayReceive } from '../../../src/core/webhooks/receiver-address.ts'

const PUBLIC = ['20.10.0.4', '1.1.1.1', '8.8.8.8', '2606:4700:4700::1111', '::ffff:20.10.0.4']

/** By the registries of IANA for special addresses, IPv4 and IPv6, and what Azure adds. */
const SPECIAL = [
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1'],
  ['link-local', '169.254.169.254', '169.254.0.1', 'fe80::1'],
  ['shared by carriers', '100.64.0.1', '100.127.255.255'],
  ["Azure's own", '168.63.129.16', '::ffff:168.63.129.16'],
  ['documentation and tests', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1'],
  ['multicast and broadcast', '224.0.0.1', '255.255.255.255', 'ff02::1'],
  ['reserved', '240.0.0.1', '192.0.0.1'],
  [
    'IPv4 inside IPv6',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001::1',
    '::7f00:1',
    '::127.0.0.1',
  ],
  ['not given out to be reached', '200::1', '4000::1', 'f000::1'],
  ['no address', '', 'localhost', '10.0.0.0/8', '1.2.3.4.5'],
]

t.test('messages go to public addresses', async (t) => {
  for (const address of PUBLIC) t.ok(mayReceive(address, []), address)
})

for (const [kind, ...addresses] of SPECIAL)
  t.test(`messages do not go to what is ${kind}`, async (t) => {
    for (const address of addresses) t.notOk(mayReceive(address, []), address)
  })

t.test('an operator can allow networks and single addresses, and nothing beside them', async (t) => {
  const allowed = ['10.20.0.0/16', '127.0.0.1', 'fd00::/8']
  for (const address of ['10.20.3.4', '127.0.0.1', 'fd00::5', '::ffff:10.20.3.4'])
    t.ok(mayReceive(address, allowed) && isAllowed(address, allowed), address)
  for (const address of ['10.21.0.1', '127.0.0.2', 'fe80::1', '169.254.169.254'])
    t.notOk(mayReceive(address, allowed) || isAllowed(address, allowed), address)
  t.ok(mayReceive('20.10.0.4', allowed), 'public addresses stay as they were')
  t.notOk(isAllowed('20.10.0.4', allowed))
})
