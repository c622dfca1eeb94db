"""Faults on purpose, from a seed: `--chaos`. docs/decisions/0009-chaos.md says which and why.

spec.py reads the option, record.py writes each fault down, chaos.py begins and ends them. Between S3's events and
the functions are relay.py and events.py. breaking.py, moments.py and workers.py end processes. faulty_s3.py
answers in S3's place, as orders.py says.
"""
