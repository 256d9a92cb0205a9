"""Jobs: what is done later, such as telling the platform what happened."""
