"""The local AWS: real servers, started and connected. `python -m emulator`, never deployed.

docs/decisions/0001-emulator-runs-real-servers.md says which servers and why.
"""
