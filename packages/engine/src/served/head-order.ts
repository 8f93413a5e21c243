import type { Head } from '@holdfast/store'

export function isAfter(a: Head, b: Head): boolean {
  return a !== 'none' && (b === 'none' || a > b)
}
