import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: { outDir: '../../../src/assay/server/web', emptyOutDir: true, target: 'es2022', reportCompressedSize: true },
})
