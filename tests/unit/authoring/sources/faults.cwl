cwlVersion: v1.2
class: CommandLineTool
baseCommand: tool
stdin: $(inputs.table.path)
requirements:
  InlineJavascriptRequirement: {}
  InitialWorkDirRequirement: {listing: []}
  ShellCommandRequirement: {}
inputs:
  table: {type: File, secondaryFiles: .bai, default: {class: File, path: a.txt}}
  either: [string, int]
  record: {type: {type: record, fields: []}}
  computed: {type: int, inputBinding: {position: $(1 + 1), valueFrom: "${ return 3; }"}}
  sized: {type: int, default: many, inputBinding: {prefix: -n, loadContents: true}}
  unknown: Widget
arguments: [$(inputs.table.basename), $(inputs.gone), $(inputs.sized + 1)]
outputs:
  number: {type: int, outputBinding: {glob: n.txt, loadContents: true, outputEval: $(1)}}
  nothing: File
  listed: {type: File, outputBinding: {glob: [a, b]}}
  said: stderr
