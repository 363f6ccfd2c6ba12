import { randomBytes } from 'node:crypto'
import { SECRET_PREFIX } from '../core/webhooks/secret.ts'

const BYTES = 32

/** A signing secret by chance. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(BYTES).toString('base64')}`
}
