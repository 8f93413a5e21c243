export { clock, distance, endAt, expiry, instant, span, useLocalTime } from '@holdfast/server/text'
