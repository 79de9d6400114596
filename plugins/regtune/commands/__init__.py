"""Commands beside the stages: one module each, with `add` for the parser and `act` for the deed."""
