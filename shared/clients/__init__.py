"""One file per vendor surface, on the vendors' own SDKs. Only here are vendors spoken to by name."""
