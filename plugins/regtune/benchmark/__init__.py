"""Answers of every system, their scores, and the report."""
