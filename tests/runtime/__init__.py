"""Tests that run the real libraries; the extra ``runtime`` installs what they need."""
