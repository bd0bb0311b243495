"""The real media work behind the stand-ins, on the laptop's CPU. What each engine must do is in `contract`."""
