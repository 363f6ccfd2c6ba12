import t from 'tap'
import { CLUSTER, fakeApp } from '../support/fakes.ts'
import { PLAN_BODY } from '../support/successes.ts'

const REJECTED: { what: string; options: object; pointer: string }[] = [
  { what: 'a URL without TLS', options: { endpoints: ['http://example.com/'] }, pointer: '/endpoints/0' },
  {
    what: 'an address',
    options: { endpoints: ['https://example.com/', 'https://10.0.0.4/'] },
    pointer: '/endpoints/1',
  },
  {
    what: 'the metadata service',
    options: { endpoints: ['https://169.254.169.254/'] },
    pointer: '/endpoints/0',
  },
  {
    what: 'a local name',
    options: { sourceAddressUrl: 'https://db.internal/' },
    pointer: '/sourceAddressUrl',
  },
  { what: 'this host', options: { sourceAddressUrl: 'https://localhost/' }, pointer: '/sourceAddressUrl' },
  { what: 'a command', options: { endpoints: ['https://a.example.com/$(id)'] }, pointer: '/endpoints/0' },
  { what: 'a quote', options: { endpoints: ["https://a.example.com/';id;'"] }, pointer: '/endpoints/0' },
  { what: 'a line feed', options: { endpoints: ['https://a.example.com/\nid'] }, pointer: '/endpoints/0' },
  {
    what: 'a query',
    options: { sourceAddressUrl: 'https://a.example.com/?key=secret' },
    pointer: '/sourceAddressUrl',
  },
  {
    what: '51 endpoints',
    options: { endpoints: Array.from({ length: 51 }, (_, index) => `https://a${index}.example.com/`) },
    pointer: '/endpoints',
  },
  { what: 'no node', options: { maxNodes: 0 }, pointer: '/maxNodes' },
  { what: 'another option', options: { script: 'id' }, pointer: '/script' },
]

for (const { what, options, pointer } of REJECTED)
  t.test(`rejects ${what} in probes and in plans`, async (t) => {
    const { app, rooms } = await fakeApp(t)
    const pointersOf = async (url: string, payload: object) => {
      const answer = await app.inject({ method: 'POST', url, payload })
      t.equal(answer.statusCode, 400, url)
      return (answer.json().errors as { pointer?: string }[]).map((error) => error.pointer ?? '').join(' ')
    }
    t.match(await pointersOf('/v1/probes', { cluster: CLUSTER, ...options }), pointer)
    t.match(
      await pointersOf('/v1/plans', { ...PLAN_BODY, verifyFromNodes: options }),
      `/verifyFromNodes${pointer}`,
    )
    t.strictSame(rooms.calls, [])
  })

t.test('names the list of an invalid entry', async (t) => {
  const { app } = await fakeApp(t)
  const payload = { cluster: CLUSTER, endpoints: ['https://example.com/', 'http://example.com/'] }
  const { errors } = (await app.inject({ method: 'POST', url: '/v1/probes', payload })).json()
  t.match(errors, [{ pointer: '/endpoints/1', message: /^endpoints\/1 has an invalid format/ }])
})
