// What names must be beyond their length. Apart from the schemas, for parsers made from these call the same functions.

const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u

/** Whether a text is free of control characters and halves of surrogate pairs. */
export function isPrintable(text: string): boolean {
  return !CONTROL_OR_LONE_SURROGATE.test(text)
}

/** Whether a text neither begins nor ends with white space. */
export function isTrimmed(text: string): boolean {
  return text.trim() === text
}
