"""The command `linmech`: what a user asks of one model, without a workflow."""
