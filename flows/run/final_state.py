"""The state that a flow run ends in: Completed, PartlyFailed, Failed or Cancelled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from prefect.client.orchestration import get_client
from prefect.client.schemas import State, StateType
from prefect.runtime import flow_run
from prefect.states import Cancelled

from flows.errors import RegionsFailed
from flows.run.stopping import ended_by_signals, last_act

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Name of the state of a run in which some regions failed and others are published; its type is FAILED.
PARTLY_FAILED = "PartlyFailed"
FAILED = "Failed"


def final_state(outcome: Any, published: int, failures: Mapping[str, str]) -> Any:
    """What a flow returns at its end: `outcome` if no region failed, else a state of the type FAILED.

    The state is named `Failed` where nothing is published, `PartlyFailed` otherwise. Who calls the flow as a function
    gets RegionsFailed with the outcome.
    """
    if not failures:
        return outcome
    error = RegionsFailed(dict(failures), published, outcome)
    return State(
        type=StateType.FAILED,
        name=PARTLY_FAILED if published else FAILED,
        message=str(error),
        data=error,
    )


#: Set in a process that a worker of Prefect has started for one run.
OF_A_WORKER = "PREFECT__FLOW_RUN_ID"


@contextmanager
def cancelled_when_stopped() -> Iterator[None]:
    """Set the state of the flow run to Cancelled if a signal ends the process within the `with` block.

    In the process of a worker, signals end it immediately; Prefect alone waits for running tasks, and a worker kills
    such a process after 30 s. Whoever calls the flow as a function keeps the own handling of signals.
    """
    run_id = flow_run.id

    def cancel(signal_name: str) -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_id, Cancelled(message=f"Stopped by {signal_name}"), force=True)

    with last_act(cancel), ended_by_signals() if OF_A_WORKER in os.environ else nullcontext():
        yield
