"""May this happen: read an event, judge it, keep the decision, explain it. Start at `decide`."""
