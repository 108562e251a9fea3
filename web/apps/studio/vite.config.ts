import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const OURS = fileURLToPath(new URL('src/canvas/d3/', import.meta.url))

/** Less weight under the canvas, of which the page needs a part only (docs/decisions/0046). */
function thinner(): Plugin {
  return {
    name: 'assay:thinner',
    enforce: 'pre',
    resolveId(source, importer) {
      const asks = importer && /\/node_modules\/(@xyflow\/system|d3-zoom)\//.test(importer)
      return asks && (source === 'd3-transition' || source === 'd3-interpolate') ? `${OURS}${source.slice('d3-'.length)}.ts` : null
    },
    // components that nobody asks for (a map, a toolbar) stay only for their names and for calls that are not said to be pure
    transform: {
      filter: { id: /\/node_modules\/@xyflow\/react\/.*\.js$/ },
      handler: (code) => ({ code: code.replace(/^\w+\.displayName = '\w+';$/gm, '').replace(/ = (memo|fixedForwardRef)\(/g, ' = /*#__PURE__*/ $1('), map: null }),
    },
  }
}

export default defineConfig({
  plugins: [react(), thinner()],
  build: {
    outDir: '../../../src/assay/server/web',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: true,
    rolldownOptions: {
      // yaml does not say that its modules only define things: without this, chunks are cut so that they run in its order
      treeshake: { moduleSideEffects: [{ test: /\/node_modules\/yaml\//, sideEffects: false }] },
      // what every page loads is one piece, and so is the canvas: they compress better than ten pieces each; the charts share d3-dispatch, and need no canvas
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'] },
            { name: 'd3-dispatch', test: /\/d3-dispatch\// },
            { name: 'canvas', test: /\/src\/canvas\/Canvas\.tsx$/ },
            { name: 'form', test: /\/src\/inspector\/PipelineForm\.tsx$/ },
          ],
        },
      },
    },
  },
})
