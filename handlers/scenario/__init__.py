"""Acceptance scenarios (验收情形): the book of the domain as data, walked on the real engine in memory with a set clock.

A file says given, when and then in the domain's words; what a step may be stands in `docs/reference/scenarios.md`. Uses the engine's door
alone. `source` reads files, `world` is the congress in memory, `acting` does steps, `looking` checks what holds, `walk` runs a scenario.
"""
