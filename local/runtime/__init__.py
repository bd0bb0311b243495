"""How the local cloud runs a function: each invocation in a process of its own, made as FC would make it."""
