#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
$namespaces: {s: https://schema.org/}
label: Sort a table
doc: |
  By one of its columns.
baseCommand: [python3, sort.py]
requirements:
  DockerRequirement: {dockerPull: python:3.11-slim}
  ResourceRequirement: {coresMin: 2, ramMin: 1024}
  EnvVarRequirement:
    envDef: {MODE: fast, NAME: $(inputs.name)}
  NetworkAccess: {networkAccess: true}
hints:
  - {class: SoftwareRequirement, packages: {}}
arguments:
  - --first
  - {prefix: --outdir, valueFrom: $(runtime.outdir), position: 9}
inputs:
  table:
    type: File
    doc: What is sorted
    inputBinding: {position: 2}
  more: {type: 'File[]?', inputBinding: {position: 3, prefix: --more}}
  folder: Directory?
  by: {type: string, default: "it's \"quoted\" $HOME", inputBinding: {prefix: --by=, separate: false}}
  rows: {type: 'int?', inputBinding: {position: 1, prefix: --rows}}
  share: {type: double, default: 1, inputBinding: {prefix: --share, valueFrom: $(self)%}}
  reverse: {type: boolean, default: false, inputBinding: {prefix: -r}}
  mode:
    type: {type: enum, symbols: [fast, slow]}
    inputBinding: {prefix: --mode}
  columns: {type: 'string[]', default: [a, b], inputBinding: {prefix: --columns, itemSeparator: ","}}
  tags:
    type: {type: array, items: string, inputBinding: {prefix: -t}}
    default: []
    inputBinding: {position: 4}
  name: string
outputs:
  sorted:
    type: File
    outputBinding: {glob: $(inputs.name).csv}
  log: stdout
  parts: {type: 'File[]', outputBinding: {glob: "part-*"}}
stdout: log.txt
