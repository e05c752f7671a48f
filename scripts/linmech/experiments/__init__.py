"""Items, interventions and readings: one table per experiment."""
