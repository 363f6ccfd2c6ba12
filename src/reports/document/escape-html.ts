import { clean } from './clean.ts'

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for the content or a quoted attribute of an HTML or SVG element. */
export function escapeHtml(text: string): string {
  return clean(text).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found)
}
