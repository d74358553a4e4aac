"""How does the engine run in a process of its own?"""

from offline.process.parent import EngineProcess, RemoteEngine

__all__ = ["EngineProcess", "RemoteEngine"]
