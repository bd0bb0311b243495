"""All reliability, once: events, steps, the ledger of effects, the studio queue, the sweep."""
