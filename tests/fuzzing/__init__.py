"""Fuzzing: sources by the million, of which each has to keep what ``invariants`` says."""
