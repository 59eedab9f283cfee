"""The bodies of personal data: the contract, the source for any Django model, the registry, the activities."""
