"""What does a request cost, how long does it take, and which requests are refused for that?"""

from offline.metering.latency import BadLatency, Latency
from offline.metering.limits import Limits
from offline.metering.meter import Meter, current, eecu_seconds, metered
from offline.metering.profiles import Profiles
from offline.metering.records import RequestLog, RequestRecord, Usage, usage_of

__all__ = [
    "BadLatency",
    "Latency",
    "Limits",
    "Meter",
    "Profiles",
    "RequestLog",
    "RequestRecord",
    "Usage",
    "current",
    "eecu_seconds",
    "metered",
    "usage_of",
]
