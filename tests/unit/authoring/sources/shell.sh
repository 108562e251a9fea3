#!/usr/bin/env bash
# Count the lines.
#
# Of every table.
# @param least int 3 Fewest lines
# @dependency csvkit
set -euo pipefail
# Who is greeted
name="${name:-nobody}"
ratio=${ratio:=0.5}
verbose=${verbose:-false}
must=${must:?say it}
where=${where:-$PWD}
version=${version:-1.10.2}
zip=${zip:-01234}
minor=${minor:-1.10}
local_only=3
echo ${local_only:-4} '$input_nothing'
# input_table: Dataset  What is counted
wc -l < "$input_table" > "$output_count"
# pip install nothing
