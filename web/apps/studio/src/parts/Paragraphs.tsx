/** A text whose paragraphs are parted by empty lines. */
export function Paragraphs({ text }: { readonly text: string }) {
  return text.split(/\n\s*\n/).map((part) => <p key={part}>{part}</p>)
}
