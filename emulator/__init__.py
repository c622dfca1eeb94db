"""The laptop's AWS: real parts, started and connected. `python -m emulator`, never deployed.

docs/decisions/0001-the-emulators-parts.md says which parts and why.
"""
