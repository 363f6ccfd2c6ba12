import { ipChangesCsv } from '../../reports/ip-changes-csv.ts'
import { ipChangesReport } from '../../reports/ip-changes-report.ts'
import { markdownReport } from '../../reports/markdown-report.ts'
import { EXAMPLE_PLAN } from './plan.ts'

export const EXAMPLE_MARKDOWN = markdownReport(EXAMPLE_PLAN)
/** Only how it begins: nobody reads a page in a document of an API. */
export const EXAMPLE_HTML = '<!doctype html>\n<html lang="en">…</html>\n'
export const EXAMPLE_IP_CHANGES = ipChangesReport(EXAMPLE_PLAN)
export const EXAMPLE_IP_CHANGES_CSV = ipChangesCsv(EXAMPLE_PLAN)
