import Markdown from 'react-markdown'

/** Markdown of anybody: without HTML, pictures or anything else that would be fetched; links open elsewhere. */
export function Prose({ text, linkClass }: { readonly text: string; readonly linkClass?: string }) {
  return (
    <Markdown
      disallowedElements={['img']}
      unwrapDisallowed
      components={{
        a: ({ children, href }) => (
          <a href={href} target="_blank" rel="noopener noreferrer" className={linkClass}>
            {children}
          </a>
        ),
      }}
    >
      {text}
    </Markdown>
  )
}
