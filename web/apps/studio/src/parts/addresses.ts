/** Where the server answers about what a port carries. */
export function outputRoot(run: string, step: string, port: string): string {
  return `/api/runs/${encodeURIComponent(run)}/outputs/${encodeURIComponent(step)}/${encodeURIComponent(port)}`
}

/** The path of a file inside a folder, as part of an address. */
export function encoded(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/')
}
