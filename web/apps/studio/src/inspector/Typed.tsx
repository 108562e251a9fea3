import { useEffect, useState } from 'react'

/** A text field that speaks when it is left or Enter is pressed: one change, one undo. */
export function Typed({
  value,
  onDone,
  ...rest
}: {
  readonly id: string
  readonly value: string
  readonly onDone: (text: string) => void
  readonly inputMode?: 'decimal'
  readonly 'aria-describedby'?: string
}) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const done = () => {
    if (text !== value) onDone(text)
  }
  return (
    <input
      {...rest}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={done}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done()
        if (event.key === 'Escape') setText(value)
      }}
    />
  )
}
