#!/usr/bin/env bash
# Write readings of a sensor.
#
# A stand-in for whatever a laboratory has as a shell script: numbers that rise, and one that is missing.
# output_readings: Dataset  One reading a row
set -euo pipefail

# How many readings
rows=${rows:-24}

echo "hour,value" > "$output_readings"
for ((hour = 0; hour < rows; hour++)); do
  if ((hour == 7)); then value=""; else value=$((20 + hour * hour % 17)); fi
  echo "$hour,$value" >> "$output_readings"
done
echo "$rows readings"
