"""How well stories are told: whether lines begin in time, how fast they are read, what is animated, how loud it is."""
