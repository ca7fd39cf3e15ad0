"""Daemons, networks and a store on one simulated clock: every interleaving by a seed, replayable.

The code under test is Pavois's own and knows nothing of it: `bot.publisher`, `bot.settler`, what
they decide with, and (with `--store real`) the store. What they are given from outside is
simulated here. `python -m tests.simulation --help`.
"""
