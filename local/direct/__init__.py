"""The ports on the stand-ins' state, without a wire: for tests and simulations that run thousands of stories."""
