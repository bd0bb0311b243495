"""What every function of Echobot shares; ships as the FC layer."""
