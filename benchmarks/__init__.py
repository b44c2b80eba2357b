"""Measurements. Nothing here is a test: figures are compared in one run, on one machine."""
