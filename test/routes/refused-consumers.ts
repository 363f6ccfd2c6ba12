import { INVALID, planning, type Refused } from './refused-plan-requests.ts'

const told = (...consumers: unknown[]) => planning({ outboundType: 'none' }, { consumers })
const named = (more: object = {}) => ({ name: 'bank', ...more })

/** Consumers in the body of POST /v1/plans that are refused. */
export const REFUSED_CONSUMERS: Refused[] = [
  {
    what: 'consumers that are no list',
    request: planning({ outboundType: 'none' }, { consumers: {} }),
    code: INVALID,
    places: ['/consumers'],
  },
  { what: 'a consumer that is text', request: told('bank'), code: INVALID, places: ['/consumers/0'] },
  { what: 'null for a consumer', request: told(null), code: INVALID, places: ['/consumers/0'] },
  { what: 'a consumer without a name', request: told({}), code: INVALID, places: ['/consumers/0/name'] },
  {
    what: 'a consumer with an empty name',
    request: told({ name: '' }),
    code: INVALID,
    places: ['/consumers/0/name'],
  },
  {
    what: 'a name of a consumer that is too long',
    request: told({ name: 'a'.repeat(101) }),
    code: INVALID,
    places: ['/consumers/0/name'],
  },
  {
    what: 'two consumers of one name',
    request: told(named(), named()),
    code: INVALID,
    places: ['/consumers/1/name'],
  },
  {
    what: 'an unknown field of a consumer',
    request: told(named({ email: 'x' })),
    code: INVALID,
    places: ['/consumers/0/email'],
  },
  {
    what: 'control characters in every text of a consumer',
    request: told({ name: 'a\nb', contact: '\u0007', note: '\u007f' }),
    code: INVALID,
    places: ['/consumers/0/name', '/consumers/0/contact', '/consumers/0/note'],
  },
  {
    what: 'a contact and a note that are too long',
    request: told(named({ contact: 'a'.repeat(201), note: 'a'.repeat(501) })),
    code: INVALID,
    places: ['/consumers/0/contact', '/consumers/0/note'],
  },
  {
    what: 'addresses of a consumer that are none',
    request: told(named(), {
      name: 'other',
      addresses: ['20.1.2.3', '20.1.2.3/33', '300.1.2.3', 'bank.example', '2001:db8::/32'],
    }),
    code: INVALID,
    places: ['/consumers/1/addresses/1', '/consumers/1/addresses/2', '/consumers/1/addresses/3'],
  },
  {
    what: 'an address of a consumer twice',
    request: told(named({ addresses: ['20.1.2.3', '20.1.2.3'] })),
    code: INVALID,
    places: ['/consumers/0/addresses'],
  },
  {
    what: 'an address of a consumer that is a number',
    request: told(named({ addresses: [20] })),
    code: INVALID,
    places: ['/consumers/0/addresses/0'],
  },
  {
    what: 'more addresses of a consumer than are read',
    request: told(named({ addresses: Array.from({ length: 201 }, (_, index) => `20.1.2.${index}/32`) })),
    code: INVALID,
    places: ['/consumers/0/addresses'],
  },
  {
    what: 'more consumers than a plan tells',
    request: told(...Array.from({ length: 51 }, (_, index) => ({ name: `bank ${index}` }))),
    code: INVALID,
    places: ['/consumers'],
  },
]
