"""The local cloud: stand-ins of the cloud services on loopback, with real media engines behind them. Never deployed."""
