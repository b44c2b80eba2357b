"""Plain Python, without any module in it: what is certain of it has to be what Python says.

A snippet leaves a truth in ``tune``, by which a model is put into train mode or not. Python runs
the snippet, and the linter reads it in several places.
"""
