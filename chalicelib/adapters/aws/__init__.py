"""What several adapters need to talk to AWS without its SDK, which takes long to load: credentials, signatures."""
