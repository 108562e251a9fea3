import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../../../src/assay/server/web',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: true,
    // yaml does not say that its modules only define things: without this, chunks are cut so that they run in its order
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/node_modules/yaml/') } },
  },
})
