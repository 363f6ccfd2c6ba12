import type { TransitionRow } from '../../core/transitions.ts'
import transition from './transition.json' with { type: 'json' }

/** A row of the matrix, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_TRANSITION = transition as TransitionRow
