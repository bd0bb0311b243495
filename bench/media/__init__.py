"""Quality and speed of the local media engines: `make bench-media`."""
