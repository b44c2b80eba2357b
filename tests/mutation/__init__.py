"""Changes the analysis and the rules bit by bit; does a test notice? See docs/mutants.md."""
