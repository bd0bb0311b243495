"""The pure middle: decisions about stories. Imports nothing but the standard library and itself."""
