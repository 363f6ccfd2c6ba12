import { CLUSTER_NAME, RESOURCE_GROUP } from './schemas/names.ts'
import { NO_CONTROL_CHARACTERS } from './schemas/plain.ts'
import { NETWORK_RESOURCE_NAME } from './schemas/preparation.ts'

const ONE_LINE = 'text without line breaks and other control characters.'

/**
 * Patterns in words, for those whose fields say in their description what they mean, and not how they are written. Any
 * other pattern is told by the description of its field.
 */
export const FORMS: Readonly<Record<string, string | undefined>> = {
  [NO_CONTROL_CHARACTERS]: ONE_LINE,
  '^[^\\u0000-\\u001f\\u007f]*$': ONE_LINE,
  [RESOURCE_GROUP]:
    'the name of a resource group: 1 to 90 letters, digits, _ . ( ) or -, not ending with a dot.',
  [CLUSTER_NAME]:
    'the name of a cluster: 1 to 63 letters, digits, _ or -, starting and ending with a letter or digit.',
  [NETWORK_RESOURCE_NAME]:
    'a name of 1 to 80 letters, digits, _ . or -, starting with a letter or digit and ending with one or _.',
  '^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?=[0-9])|$)){4}$': 'an IPv4 address, such as 10.0.0.4.',
  '^[-a-zA-Z0-9_().*\\u00aa-\\uffdc]{1,90}$':
    'the name of a resource group, or 1 to 90 of its letters with `*` standing for any others.',
  '^[a-zA-Z0-9_*-]{1,63}$':
    'the name of a cluster, or 1 to 63 of its letters with `*` standing for any others.',
  '^[A-Za-z]{1,64}$': 'an operationId, such as createPlan.',
  '^https?://[^\\s]+$': 'an http or https URL without spaces, such as https://portal.example.com/hooks.',
}
