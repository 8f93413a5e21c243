export { jsonLine, plain, screened } from '@holdfast/server/text'
