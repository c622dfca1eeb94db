"""Fault injection for the emulator, repeatable from a seed: `--chaos`.

docs/decisions/0009-chaos.md says which faults and why.

spec.py parses the option, fault_log.py records each fault, session.py starts and stops them. relay.py passes S3's
events on to the functions, changed by event_scrambler.py. fault_injector.py kills functions' processes, restarts
PostgreSQL and starts S3 outages. faulty_s3.py makes requests to S3 fail.
"""
