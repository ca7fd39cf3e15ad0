"""The rehearsal networks: X and LinkedIn over real HTTP on loopback, with faults and a clock."""

from bot.sandbox.server import Sandbox
from bot.sandbox.values import SandboxPost

__all__ = ["Sandbox", "SandboxPost"]
