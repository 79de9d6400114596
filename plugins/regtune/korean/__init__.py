"""What the stages share about the Korean language: normalisation, quantities, morphemes."""
