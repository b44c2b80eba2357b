"""Changes the analysis and the rules bit by bit, and sees whether a test notices: docs/mutants.md."""
