"""How a training runs and goes on after a kill, whatever it is that is learned."""
