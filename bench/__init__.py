"""Measurements: what the project claims in figures, each made by a command anyone can run."""
