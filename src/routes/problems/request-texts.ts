import { factList, factText, type ProblemText, withPrefix } from './fact-text.ts'

/** What callers must prove and be granted. */
export const CALLER_TEXTS = {
  AUTHENTICATION_REQUIRED: {
    detail: () => 'This operation needs to know who calls, and the request has no bearer token.',
    remedy: 'Send an access token of the tenant for this service as Authorization: Bearer ….',
    example: {},
  },
  TOKEN_INVALID: {
    detail: (facts) => `The bearer token is not accepted${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Get a new access token for this service and send the request again.',
    example: { reason: 'expired' },
  },
  GRANT_MISSING: {
    detail: (facts) =>
      `The caller is not granted ${factText(facts.grant) || 'what this operation asks for'}.`,
    remedy: 'Ask an administrator of the tenant for the app role or scope.',
    example: { grant: 'Egress.Execute' },
  },
  CLUSTER_ACCESS_DENIED: {
    detail: (facts) =>
      `The access policy lets the caller see this cluster, and not ${factText(facts.action) || 'do this'} on it.`,
    remedy: 'Ask whoever keeps the access policy file of this service to grant the action on this cluster.',
    example: { action: 'execute' },
  },
  TOKEN_GROUPS_OVERAGE: {
    detail: () =>
      'The caller is in more groups than a token holds, so the groups that the access policy names cannot be checked.',
    remedy:
      'Let an administrator set the groups claim of the registration to "Groups assigned to the application", or name the caller in the access policy by object id and grant no group in it.',
    example: {},
  },
  APPROVAL_NOT_INDEPENDENT: {
    detail: (facts) =>
      `An approval must come from a second person, and the caller made the plan${withPrefix(': ', factText(facts.createdBy))}.`,
    remedy: 'Let somebody else who may approve on this cluster read the plan and approve it.',
    example: { createdBy: 'first.person@example.com' },
  },
  TOO_MANY_REQUESTS: {
    detail: (facts) =>
      `The caller has made more requests than this service takes${withPrefix(': ', factText(facts.limit))}${facts.limit === undefined ? '' : ` ${factText(facts.policy)} in ${factText(facts.windowSeconds)} seconds`}.`,
    remedy: 'Wait for the seconds of the header Retry-After, and poll no faster than Retry-After says.',
    example: { policy: 'writes', limit: 600, windowSeconds: 60, retryAfterSeconds: 17 },
  },
  IDENTITY_PROVIDER_UNREACHABLE: {
    detail: () => 'The keys to verify tokens with could not be fetched.',
    remedy: 'Try again after the seconds of the header Retry-After.',
    example: {},
  },
} as const satisfies Record<string, ProblemText>

/** Faults of one request: nothing was done, and the same request will be refused again. */
export const REQUEST_TEXTS = {
  INVALID_REQUEST: {
    detail: (facts) =>
      `The request has ${facts.faults === 1 ? 'a fault' : `${factText(facts.faults) || 'some'} faults`}; errors names ${facts.faults === 1 ? 'it' : 'each'} with its place.`,
    remedy: 'Mend what errors names and send the request again.',
    example: { faults: 1 },
  },
  PARAMETER_NOT_FOR_TARGET: {
    detail: () => 'A parameter does not belong to the outbound type that is asked for.',
    remedy: 'Leave the parameter out, or choose the outbound type that it belongs to.',
    example: {},
  },
  PARAMETERS_EXCLUDE_EACH_OTHER: {
    detail: () => 'Two parameters of the request exclude each other.',
    remedy: 'Leave one of the two out.',
    example: {},
  },
  PARAMETER_OUT_OF_RANGE: {
    detail: () => 'A number is outside the range that Azure allows.',
    remedy: 'Choose a number in the range that errors names.',
    example: {},
  },
  SCHEDULE_IMPOSSIBLE: {
    detail: (facts) =>
      `With this schedule the job could never begin${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Choose times that leave the job a moment to begin.',
    example: { parameter: 'giveUpAt', reason: 'giveUpAt has passed' },
  },
  RESOURCE_ID_INVALID: {
    detail: () => 'A resource id is not the ARM id of a resource of the type that is wanted here.',
    remedy: 'Copy the id from the Azure portal (JSON view) or from az … show --query id.',
    example: {},
  },
  CURSOR_INVALID: {
    detail: () => 'The cursor is not one that this service gave for this list with these filters.',
    remedy:
      'Start again without a cursor, keep the filters from page to page, and pass on the next of each page unchanged.',
    example: {},
  },
  ACKNOWLEDGEMENT_UNKNOWN: {
    detail: (facts) =>
      `acknowledge names what the plan does not ask for${withPrefix(': ', factList(facts.codes))}.`,
    remedy: "Name exactly the codes of the plan's acknowledgementsRequired.",
    example: { codes: ['EGRESS_IP_LOSST'], known: ['EGRESS_IP_LOST'] },
  },
  IDEMPOTENCY_KEY_INVALID: {
    detail: () => 'The header Idempotency-Key is not one key of 1 to 255 printable ASCII characters.',
    remedy: 'Send one key, such as a new UUID for each request, or none.',
    example: {},
  },
  IDEMPOTENCY_KEY_REUSED: {
    detail: () =>
      'The header Idempotency-Key names another request of this caller: its path or body was different.',
    remedy: 'Send a key of its own with each request; to repeat one, send it exactly as it was.',
    example: {},
  },
  MALFORMED_JSON: {
    detail: (facts) => `The body is not JSON that can be read${withPrefix(': ', factText(facts.reason))}.`,
    remedy: 'Send one JSON object, encoded as UTF-8.',
    example: { reason: 'Unexpected end of JSON input' },
  },
  MALFORMED_URL: {
    detail: () => 'The path holds a percent sign that does not start a valid UTF-8 sequence.',
    remedy: 'Encode each part of the path with percent-encoding.',
    example: {},
  },
  MALFORMED_HTTP: {
    detail: () => 'What was sent is not an HTTP/1.1 request.',
    remedy: 'Check the client, and any proxy between it and this service.',
    example: {},
  },
  BODY_INCOMPLETE: {
    detail: () => 'The body is not as long as its Content-Length says.',
    remedy: 'Send the request again, with the right Content-Length.',
    example: {},
  },
  BODY_TOO_LARGE: {
    detail: (facts) =>
      `The body is larger than this service reads${withPrefix(': the limit is ', factText(facts.limitInBytes))}${facts.limitInBytes === undefined ? '' : ' bytes'}.`,
    remedy: 'Send a smaller body.',
    example: { limitInBytes: 262_144 },
  },
  UNSUPPORTED_MEDIA_TYPE: {
    detail: (facts) =>
      `The body is declared as ${factText(facts.contentType) || 'nothing'}; this service reads application/json.`,
    remedy: 'Send JSON with the header Content-Type: application/json.',
    example: { contentType: 'text/xml' },
  },
  NOT_ACCEPTABLE: {
    detail: (facts) =>
      `The header Accept${withPrefix(' (', factText(facts.accept))}${facts.accept === undefined ? '' : ')'} takes none of the forms that this answer has${withPrefix(': ', factList(facts.available))}.`,
    remedy: 'Name one of the forms in the header Accept, or leave the header out for JSON.',
    example: { accept: 'application/pdf', available: ['application/json', 'text/markdown', 'text/html'] },
  },
  URI_TOO_LONG: {
    detail: () => 'A part of the path is longer than any name can be.',
    remedy: 'Check how the client builds the URL.',
    example: {},
  },
  HEADERS_TOO_LARGE: {
    detail: () => 'The request line and the headers together are larger than this service reads.',
    remedy: 'Send a shorter URL or fewer and smaller headers.',
    example: {},
  },
  REQUEST_TIMEOUT: {
    detail: () => 'The request did not arrive whole in time.',
    remedy: 'Send it again.',
    example: {},
  },
  EXPECTATION_FAILED: {
    detail: () => 'The header Expect asks for something other than 100-continue.',
    remedy: 'Leave the header Expect out.',
    example: {},
  },
  PRECONDITION_FAILED: {
    detail: (facts) =>
      `The header If-Match names another version than the present one${withPrefix(', which is ', factText(facts.etag))}; nothing was done.`,
    remedy: 'Read it again, decide anew, and send its ETag as If-Match, or leave the header out.',
    example: { etag: '"8"' },
  },
  ROUTE_NOT_FOUND: {
    detail: (facts) => `There is nothing at ${factText(facts.path) || 'this path'}.`,
    remedy: 'GET /openapi.json lists every operation; /docs shows them.',
    example: { path: '/v1/plan' },
  },
  METHOD_NOT_ALLOWED: {
    detail: (facts) =>
      `${factText(facts.method) || 'This method'} is not possible here${withPrefix('; possible: ', factList(facts.allowed))}.`,
    remedy: 'Use one of the methods that the header Allow names.',
    example: { method: 'PUT', allowed: ['GET', 'HEAD', 'POST'] },
  },
} as const satisfies Record<string, ProblemText>
