import type { EgressReport } from '../../core/egress-report.ts'
import report from './egress-report.json' with { type: 'json' }

/** An egress report as the core makes it, for the OpenAPI document; a test holds it to the schema. */
export const EXAMPLE_EGRESS_REPORT = report as unknown as EgressReport
