"""The `echobot` command."""
