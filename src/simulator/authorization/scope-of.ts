/** The id of what something of Microsoft.Authorization is set on: its own id without its last provider. */
export function scopeOf(id: string): string {
  return id.replace(/\/providers\/Microsoft\.Authorization\/[^/]+\/[^/]+$/i, '')
}

/** Whether something set on `scope` is inherited by `id`; management groups lie above every subscription here. */
export function reaches(scope: string, id: string): boolean {
  if (scope === '' || /^\/providers\/Microsoft\.Management\//i.test(scope)) return true
  return `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase())
}
