export { shellWord } from '@holdfast/server/text'
