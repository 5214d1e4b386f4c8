"""Parity: two targets given the same data and window hold the same, layer by layer, row by row, type by type."""
