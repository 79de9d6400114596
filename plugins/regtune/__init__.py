"""regtune: company regulations in, a small specialist model out. See README.md; nothing is imported here."""
