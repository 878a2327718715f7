"""Benchmarks: Muster beside its yardsticks, taken in alternation in one run (`muster bench NAME`).

Each turn runs in a process of its own against a database of its own, so that a figure is that of one
contestant alone and nobody's data is touched. Only ratios within a run mean anything.
"""
