"""The family's page: what the function `console` answers. Knows rows and objects, never a vendor."""
