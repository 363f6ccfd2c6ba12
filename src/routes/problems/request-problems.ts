import { factList, factText, type ProblemRecord, withPrefix } from './problem-record.ts'

/** Why a URL is refused, by the fact `reason`. */
const URL_REJECTION_REASONS: Record<string, string> = {
  NOT_A_URL: 'this is not an http or https URL',
  NOT_HTTPS:
    'the URL is not https, and only receivers in networks that the operator has allowed may do without',
  CREDENTIALS: 'the URL holds a user name or a password',
  NAME_UNKNOWN: 'the name has no address',
  ADDRESS_REFUSED: 'it leads to an address that is not public, such as a private or a loopback one',
}

/** This request, as it is, is never served: 400, 405 to 408, and 412 to 431. */
export const REQUEST_PROBLEMS = {
  INVALID_REQUEST: {
    status: 400,
    title: 'Invalid request',
    detail: (facts) =>
      `The request has ${facts.faults === 1 ? 'a fault' : `${factText(facts.faults) || 'some'} faults`}; errors names ${facts.faults === 1 ? 'it' : 'each'} with its place.`,
    remedy: 'Mend what errors names and send the request again.',
    example: { faults: 1 },
    exampleErrors: [
      {
        in: 'body',
        pointer: '/target/outbound',
        code: 'FIELD_UNKNOWN',
        message: 'outbound is not a field of this request.',
      },
    ],
  },
  PARAMETER_NOT_FOR_TARGET: {
    status: 400,
    title: 'Parameter not for this target',
    detail: () => 'A parameter does not belong to the outbound type that is asked for.',
    remedy: 'Leave the parameter out, or choose the outbound type that it belongs to.',
    example: {},
    exampleErrors: [
      {
        in: 'body',
        pointer: '/target/natGateway',
        code: 'PARAMETER_NOT_FOR_TARGET',
        message: 'natGateway is for managedNATGateway only, not for userDefinedRouting.',
      },
    ],
  },
  PARAMETERS_EXCLUDE_EACH_OTHER: {
    status: 400,
    title: 'Parameters exclude each other',
    detail: () => 'Two parameters of the request exclude each other.',
    remedy: 'Leave one of the two out.',
    example: {},
  },
  PARAMETER_OUT_OF_RANGE: {
    status: 400,
    title: 'Parameter out of range',
    detail: () => 'A number is outside the range that Azure allows.',
    remedy: 'Choose a number in the range that errors names.',
    example: {},
  },
  SCHEDULE_IMPOSSIBLE: {
    status: 400,
    title: 'Impossible schedule',
    detail: (facts) =>
      `With this schedule the job could never begin${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Choose times that leave the job a moment to begin.',
    example: { parameter: 'giveUpAt', reason: 'giveUpAt has passed' },
  },
  RESOURCE_ID_INVALID: {
    status: 400,
    title: 'Invalid resource id',
    detail: () => 'A resource id is not the ARM id of a resource of the type that is wanted here.',
    remedy: 'Copy the id from the Azure portal (JSON view) or from az … show --query id.',
    example: {},
  },
  CURSOR_INVALID: {
    status: 400,
    title: 'Invalid cursor',
    detail: () => 'The cursor is not one that this service gave for this list with these filters.',
    remedy:
      'Start again without a cursor, keep the filters from page to page, and pass on the next of each page unchanged.',
    example: {},
  },
  ACKNOWLEDGEMENT_UNKNOWN: {
    status: 400,
    title: 'Unknown acknowledgement',
    detail: (facts) =>
      `acknowledge names what the plan does not ask for${withPrefix(': ', factList(facts.codes))}.`,
    remedy: "Name exactly the codes of the plan's acknowledgementsRequired.",
    example: { codes: ['EGRESS_IP_LOSST'], known: ['EGRESS_IP_LOST'] },
  },
  WEBHOOK_URL_REFUSED: {
    status: 400,
    title: 'Webhook URL refused',
    detail: (facts) =>
      `Nothing is sent to ${factText(facts.host) || 'this URL'}: ${URL_REJECTION_REASONS[factText(facts.reason)] ?? 'it is not one that may be sent to'}.`,
    remedy:
      'Give an https URL without credentials whose host is public. For a receiver in a private network the operator sets WEBHOOK_ALLOWED_NETWORKS.',
    example: { reason: 'ADDRESS_REFUSED', host: 'localhost' },
  },
  WEBHOOK_SECRET_INVALID: {
    status: 400,
    title: 'Invalid webhook secret',
    detail: () => 'The secret is not whsec_ followed by 24 to 64 bytes in base64.',
    remedy: 'Make one with: echo "whsec_$(openssl rand -base64 32)".',
    example: {},
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    title: 'Invalid idempotency key',
    detail: () => 'The header Idempotency-Key is not one key of 1 to 255 printable ASCII characters.',
    remedy: 'Send one key, such as a new UUID for each request, or none.',
    example: {},
  },
  MALFORMED_JSON: {
    status: 400,
    title: 'Malformed JSON',
    detail: (facts) => `The body is not JSON that can be read${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Send one JSON object, encoded as UTF-8.',
    example: { reason: 'Unexpected end of JSON input' },
  },
  MALFORMED_URL: {
    status: 400,
    title: 'Malformed URL',
    detail: () => 'The path holds a percent sign that does not start a valid UTF-8 sequence.',
    remedy: 'Encode each part of the path with percent-encoding.',
    example: {},
  },
  MALFORMED_HTTP: {
    status: 400,
    title: 'Malformed HTTP',
    detail: () => 'What was sent is not an HTTP/1.1 request.',
    remedy: 'Check the client, and any proxy between it and this service.',
    example: {},
  },
  BODY_INCOMPLETE: {
    status: 400,
    title: 'Incomplete body',
    detail: () => 'The body is not as long as its Content-Length says.',
    remedy: 'Send the request again, with the right Content-Length.',
    example: {},
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    detail: (facts) =>
      `${factText(facts.method) || 'This method'} is not possible here${withPrefix('; possible: ', factList(facts.allowed))}.`,
    remedy: 'Use one of the methods that the header Allow names.',
    example: { method: 'PUT', allowed: ['GET', 'HEAD', 'POST'] },
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'No acceptable form',
    detail: (facts) =>
      `The header Accept${withPrefix(' (', factText(facts.accept))}${facts.accept === undefined ? '' : ')'} takes none of the forms that this answer has${withPrefix(': ', factList(facts.available))}.`,
    remedy: 'Name one of the forms in the header Accept, or leave the header out for JSON.',
    example: { accept: 'application/pdf', available: ['application/json', 'text/markdown', 'text/html'] },
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request not received in time',
    detail: () => 'The request did not arrive whole in time.',
    remedy: 'Send it again.',
    example: {},
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'Changed since it was read',
    detail: (facts) =>
      `The header If-Match names another version than the present one${withPrefix(', which is ', factText(facts.etag))}; nothing was done.`,
    remedy: 'Read it again, decide anew, and send its ETag as If-Match, or leave the header out.',
    example: { etag: '"8"' },
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    detail: (facts) =>
      `The body is larger than this service reads${withPrefix(': the limit is ', factText(facts.limitInBytes))}${facts.limitInBytes === undefined ? '' : ' bytes'}.`,
    remedy: 'Send a smaller body.',
    example: { limitInBytes: 262_144 },
  },
  URI_TOO_LONG: {
    status: 414,
    title: 'URL too long',
    detail: () => 'A part of the path is longer than any name can be.',
    remedy: 'Check how the client builds the URL.',
    example: {},
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    detail: (facts) =>
      `The body is declared as ${factText(facts.contentType) || 'nothing'}; this service reads application/json.`,
    remedy: 'Send JSON with the header Content-Type: application/json.',
    example: { contentType: 'text/xml' },
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Expectation failed',
    detail: () => 'The header Expect asks for something other than 100-continue.',
    remedy: 'Leave the header Expect out.',
    example: {},
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key of another request',
    detail: () =>
      'The header Idempotency-Key names another request of this caller: its path or body was different.',
    remedy: 'Send a key of its own with each request; to repeat one, send it exactly as it was.',
    example: {},
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    title: 'Too many requests',
    retryAfterSeconds: 60,
    detail: (facts) =>
      `The caller has made more requests than this service takes${withPrefix(': ', factText(facts.limit))}${facts.limit === undefined ? '' : ` ${factText(facts.policy)} in ${factText(facts.windowSeconds)} seconds`}.`,
    remedy: 'Wait for the seconds of the header Retry-After, and poll no faster than Retry-After says.',
    example: { policy: 'writes', limit: 600, windowSeconds: 60, retryAfterSeconds: 17 },
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Headers too large',
    detail: () => 'The request line and the headers together are larger than this service reads.',
    remedy: 'Send a shorter URL or fewer and smaller headers.',
    example: {},
  },
} as const satisfies Record<string, ProblemRecord>
