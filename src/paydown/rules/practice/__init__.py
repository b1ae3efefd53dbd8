"""Other areas of ML-related debt."""
