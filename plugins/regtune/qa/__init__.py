"""Question-answer pairs: made, checked, gated, split."""
