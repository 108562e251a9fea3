cwlVersion: v1.2
class: CommandLineTool
label: The longest words of a text
doc: A line of awk in an image that has nothing but busybox.
requirements:
  DockerRequirement: {dockerPull: "busybox:1.36"}
baseCommand: awk
arguments:
  - {prefix: -v, valueFrom: least=$(inputs.least)}
  - {valueFrom: "{for (i = 1; i <= NF; i++) if (length($i) >= least) print $i}", position: 1}
inputs:
  text: {type: File, doc: Any text., inputBinding: {position: 2}}
  least: {type: int, default: 8, doc: Letters of the shortest word that is kept.}
outputs:
  words: {type: stdout, doc: One word a line.}
stdout: words.txt
