"""What is published, and how it gets on with others: run by .ci/run on what it has built."""
