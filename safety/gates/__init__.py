"""What has to be proved before something happens: API keys, one-time tokens, proof of work."""
