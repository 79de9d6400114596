"""PDF to provisions to chunks."""
