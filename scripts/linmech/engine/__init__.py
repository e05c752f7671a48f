"""Interventions on the residual stream, exactly and fast."""
