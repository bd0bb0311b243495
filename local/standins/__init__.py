"""Stand-ins: local versions of the vendors' services, one folder each: a state core and a wire face."""
