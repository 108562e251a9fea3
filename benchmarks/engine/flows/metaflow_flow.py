"""Write a Metaflow flow of many steps: ``python metaflow_flow.py WORKLOAD STEPS``. Metaflow starts a process for each step."""

import sys
from pathlib import Path

workload, steps = sys.argv[1], int(sys.argv[2])
lines = ["from metaflow import FlowSpec, step", "", "class Bench(FlowSpec):"]
if workload == "fanout":
    lines += [
        "    @step",
        "    def start(self):",
        f"        self.items = list(range({steps}))",
        "        self.next(self.tick, foreach='items')",
    ]
    lines += ["    @step", "    def tick(self):", "        self.value = self.input + 1", "        self.next(self.join)"]
    lines += ["    @step", "    def join(self, inputs):", "        self.next(self.end)"]
else:
    names = ["start", *(f"s{number}" for number in range(1, steps)), "end"]
    for number, name in enumerate(names[:-1]):
        lines += [
            "    @step",
            f"    def {name}(self):",
            f"        self.value = {'self.value + 1' if number else '1'}",
            f"        self.next(self.{names[number + 1]})",
        ]
lines += ["    @step", "    def end(self):", "        pass", "", "if __name__ == '__main__':", "    Bench()"]
Path("flow.py").write_text("\n".join(lines) + "\n")
