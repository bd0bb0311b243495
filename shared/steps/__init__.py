"""What steps do that is too long for their handlers: one file per craft, used by one or two functions."""
