"""`python -m regtune` and the zipapp start here."""

from regtune.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
