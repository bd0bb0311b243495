"""A stand-in of Model Studio (DashScope): cloned voices, speech, photo checks and asynchronous video tasks."""
