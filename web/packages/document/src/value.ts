import { parse } from 'yaml'

/** Anything a parameter may hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const PLAIN = /^[A-Za-z_./$][\w ./$+@-]*$/

/** Write a value on one line, so that it can stand in a flow map as well as behind a key. */
export function written(value: Json): string {
  if (typeof value === 'string') return plain(value) ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as Record<string, Json>)
    return `{${entries.map(([key, inner]) => `${written(key)}: ${written(inner)}`).join(', ')}}`
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value))
  return JSON.stringify(value)
}

/** Whether a text needs no quotes: it is short of special signs, and reads back as itself in YAML 1.1 and 1.2. */
function plain(text: string): boolean {
  if (!PLAIN.test(text) || text.trim() !== text) return false
  return [undefined, '1.1' as const].every(
    (version) => parse(text, version ? { version } : {}) === text,
  )
}
