/** A JSON document as nested lists; a long one is cut. */
export function JsonView({ body }: { readonly body: unknown }) {
  return <pre className="log">{JSON.stringify(body, null, 2).slice(0, 100_000)}</pre>
}
