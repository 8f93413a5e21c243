import { options, type VNode } from 'preact'

/** The same characters as the command line names: a name must not reorder, hide or imitate what stands beside it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text with every character that is not seen named by its number. */
export function plain(text: string): string {
  return text.replaceAll(UNSEEN, character => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Attributes that people read or hear. */
const READ = ['title', 'aria-label', 'label'] as const

/** From now on all text that the page draws is plain, wherever it comes from. What is linked, sent or typed stays as it is. */
export function drawPlainTextOnly(): void {
  const before = options.vnode?.bind(options)
  options.vnode = vnode => {
    screen(vnode)
    before?.(vnode)
  }
}

function screen({ props }: VNode<Record<string, unknown>>): void {
  const { children } = props
  if (typeof children === 'string') props.children = plain(children)
  else if (Array.isArray(children) && children.some(child => typeof child === 'string')) {
    props.children = children.map((child: unknown) =>
      typeof child === 'string' ? plain(child) : child,
    ) as typeof children
  }
  for (const name of READ) {
    const value = props[name]
    if (typeof value === 'string') props[name] = plain(value)
  }
}
