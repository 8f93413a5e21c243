export { clock, distance, endAt, expiry, instant, span } from '@holdfast/server/text'
