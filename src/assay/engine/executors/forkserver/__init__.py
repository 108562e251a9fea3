"""The far side of the process executor: a warm server that forks one process a step, and what that process does.

Every module here is imported by each step's process: keep them light.
"""
